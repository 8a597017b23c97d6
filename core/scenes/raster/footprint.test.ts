import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Crs } from './crs.ts';
import { boundsOf, footprintOf } from './footprint.ts';
import type { Transform } from './raster.ts';

const asIs: Crs = { name: 'EPSG:4326', toLonLat: (x, y) => [x, y] };
const northUp: Transform = [10, 0.5, 0, 50, 0, -0.5];
const window = { x: 2, y: 4, width: 2, height: 4 };

for (const { what, transform, corners } of [
  { what: 'north up', transform: northUp, corners: [11, 48, 11, 46, 12, 46, 12, 48] },
  {
    what: 'south up, whose corners come in the other order',
    transform: [10, 0.5, 0, 50, 0, 0.5],
    corners: [11, 52, 12, 52, 12, 54, 11, 54],
  },
  { what: 'turned by a quarter', transform: [10, 0, 1, 50, 1, 0], corners: [14, 52, 18, 52, 18, 54, 14, 54] },
  {
    what: 'across the antimeridian',
    transform: [179, 0.5, 0, 50, 0, -0.5],
    corners: [180, 48, 180, 46, 181, 46, 181, 48],
  },
] as { what: string; transform: Transform; corners: number[] }[])
  test(`a window of a raster that lies ${what}`, () => {
    const wrapped: Crs = { ...asIs, toLonLat: (x, y) => [x > 180 ? x - 360 : x, y] };
    const found = [...footprintOf(window, transform, wrapped)!];
    assert.ok(isCounterClockwise(found));
    assert.deepEqual(found, corners);
  });

test('there is none where a corner has no longitude and latitude', () => {
  const beyond: Crs = { ...asIs, toLonLat: (x, y) => [x > 11.5 ? Infinity : x, y] };
  assert.equal(footprintOf(window, northUp, beyond), null);
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
