import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Crs } from './crs.ts';
import { boundsOf, footprintOf } from './footprint.ts';
import type { Transform } from './raster.ts';

const asIs: Pick<Crs, 'toLonLat'> = { toLonLat: (x, y) => [x, y] };
const northUp: Transform = [10, 0.5, 0, 50, 0, -0.5];
const window = { x: 2, y: 4, width: 2, height: 4 };

for (const [what, transform, corners] of [
  ['north up', northUp, [11, 48, 11, 46, 12, 46, 12, 48]],
  ['south up, whose corners come in the other order', [10, 0.5, 0, 50, 0, 0.5], [11, 52, 12, 52, 12, 54, 11, 54]],
  ['rotated by a quarter turn', [10, 0, 1, 50, 1, 0], [14, 52, 18, 52, 18, 54, 14, 54]],
  ['across the antimeridian', [179, 0.5, 0, 50, 0, -0.5], [-180, 48, -180, 46, -179, 46, -179, 48]],
] as [what: string, transform: Transform, corners: number[]][])
  test(`the footprint of a window in a raster ${what}`, () => {
    const wrapped: typeof asIs = { toLonLat: (x, y) => [x > 180 ? x - 360 : x, y] };
    const found = [...footprintOf(window, transform, wrapped)!];
    assert.ok(isCounterClockwise(found));
    assert.deepEqual(found, corners);
  });

const WHOLE = { x: 0, y: 0, width: 36, height: 18 };
for (const {
  what,
  of = window,
  transform = northUp,
  toLonLat = (x: number, y: number) => [x, y] as const,
  corners,
} of [
  {
    what: 'longitudes of 0 to 360 are converted to -180 to 180',
    transform: [349, 0.5, 0, 50, 0, -0.5],
    corners: [-10, 48, -10, 46, -9, 46, -9, 48],
  },
  {
    what: 'longitudes continue beyond 180 across the antimeridian',
    transform: [178, 1, 0, 50, 0, -1],
    toLonLat: (x, y) => [x >= 180.5 ? x - 360 : x, y],
    corners: [-180, 46, -180, 42, -178, 42, -178, 46],
  },
  {
    what: 'a footprint may be the whole earth from Greenwich on',
    of: WHOLE,
    transform: [0, 10, 0, 90, 0, -10],
    corners: [0, 90, 0, -90, 360, -90, 360, 90],
  },
  {
    what: 'a footprint ends at the poles, though pixels whose centres are there go on',
    of: WHOLE,
    transform: [-5, 10, 0, 95, 0, -190 / 18],
    corners: [-5, 90, -5, -90, 355, -90, 355, 90],
  },
  {
    what: 'the footprint of a window that is partly on earth is the box around that part',
    toLonLat: (x, y) => [x > 11.5 ? Infinity : x, y],
    corners: [11, 48, 11, 46, 11.5, 46, 11.5, 48],
  },
  { what: 'a window without a location has no footprint', toLonLat: () => [Number.NaN, 0], corners: null },
  {
    what: 'the footprint of a window around a pole is all that is north of its edge',
    transform: [-3, 1, 0, 6, 0, -1],
    toLonLat: (x, y) => [(Math.atan2(y, x) * 180) / Math.PI, 90 - Math.hypot(x, y)],
    corners: [-180, 90, -180, 90 - Math.sqrt(5), 180, 90 - Math.sqrt(5), 180, 90],
  },
] as {
  what: string;
  of?: typeof window;
  transform?: Transform;
  toLonLat?: Crs['toLonLat'];
  corners: number[] | null;
}[])
  test(what, () => {
    const found = footprintOf(of, transform, { toLonLat });
    assert.deepEqual(
      found && [...found].map((degrees) => Number(degrees.toFixed(5))),
      corners?.map((degrees) => Number(degrees.toFixed(5))) ?? null,
    );
  });

test('the bounds are west, south, east and north, whichever way the raster lies', () => {
  assert.deepEqual(boundsOf({ width: 10, height: 20 }, northUp), [10, 40, 15, 50]);
  assert.deepEqual(boundsOf({ width: 10, height: 20 }, [0, 1, 1, 0, 1, -1]), [0, -20, 30, 10]);
});

function isCounterClockwise(corners: readonly number[]): boolean {
  let area = 0;
  for (let i = 0; i < corners.length; i += 2) {
    const [x, y, nextX, nextY] = [0, 1, 2, 3].map((of) => corners[(i + of) % corners.length]!);
    area += x! * nextY! - nextX! * y!;
  }
  return area > 0;
}
