import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLACES, resultAt } from '../../../test/maps/exampleResults.ts';
import { type Outline, outlineOf } from './outline.ts';

async function outlineAt(what: string): Promise<Outline | null> {
  const place = PLACES.find((one) => one.what === what)!;
  const { raster } = await resultAt(place);
  return raster.outline ?? null;
}

/** The bounds are those of PROJ, as validate.py asks it. */
for (const [what, bbox, type = 'Polygon', points] of [
  ['a tile in UTM', [-9.0002997, 52.2515924, -7.3550533, 53.2496265], undefined, 1 + 3 * 16],
  ['a small scene in UTM', [-9, 53.2266083, -8.9616322, 53.2496265], undefined, 4],
  ['across the antimeridian', [175.9736104, 65.324646, -178.2945823, 67.6093969], 'MultiPolygon'],
  ['up to the antimeridian', [170, 0, 180, 10], undefined, 4],
  ['longitudes beyond 180', [170, 0, -170, 10], 'MultiPolygon'],
  ['the whole earth', [-180, -90, 180, 90], undefined, 4],
  ['the whole earth from Greenwich on', [-180, -90, 180, 90], undefined, 4],
  ['around the North Pole', [-180, 44.0676607, 180, 90], undefined, 4 * 16 + 3],
  ['beside a pole', [-35.5376778, 82.1786749, 35.5376778, 88.6945538], undefined, 4 * 16],
] as const)
  test(`an outline: ${what}`, async () => {
    const outline = (await outlineAt(what))!;
    assert.deepEqual(outline.bbox, bbox);
    assert.equal(outline.geometry.type, type);
    const polygons =
      outline.geometry.type === 'Polygon' ? [outline.geometry.coordinates] : outline.geometry.coordinates;
    for (const [ring] of polygons) {
      assert.deepEqual(ring!.at(-1), ring![0]);
      if (points !== undefined) assert.equal(ring!.length, points + 1);
      const area = ring!.slice(1).reduce((sum, [x, y], i) => sum + ring![i]![0] * y - x * ring![i]![1], 0);
      assert.ok(area > 0, 'counter-clockwise');
      assert.ok(ring!.every(([longitude, latitude]) => Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90));
    }
  });

test('an outline that crosses the antimeridian is split there', async () => {
  const outline = await outlineAt('longitudes beyond 180');
  const boxes = [
    [
      [170, 10],
      [170, 0],
      [180, 0],
      [180, 10],
      [170, 10],
    ],
    [
      [-180, 0],
      [-170, 0],
      [-170, 10],
      [-180, 10],
      [-180, 0],
    ],
  ];
  assert.deepEqual(
    outline!.geometry.coordinates,
    boxes.map((ring) => [ring]),
  );
});

test('the outline of a raster that is partly on earth is the box around that part', () => {
  const upTo = (end: number) => ({ toLonLat: (x: number, y: number) => [x > end ? Number.NaN : x, y] as const });
  const at = (end: number) => outlineOf({ width: 10, height: 10 }, [0, 1, 0, 0, 0, -1], upTo(end));
  assert.deepEqual(at(5.5)?.bbox, [0, -10, 5.5, 0]);
  assert.equal(at(-1), null);
});

test('the outline of a grid whose outermost pixels have their centres on the poles ends there', () => {
  const toLonLat = (x: number, y: number) => [x, y] as const;
  const era5 = outlineOf({ width: 1440, height: 721 }, [-0.125, 0.25, 0, 90.125, 0, -0.25], { toLonLat });
  assert.deepEqual(era5?.bbox, [-180, -90, 180, 90]);
});
