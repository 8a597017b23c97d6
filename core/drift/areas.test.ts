import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startTestService } from '../../test/benches/service.ts';
import { areasOf, hectaresOf } from './areas.ts';

const boxOf = (west: number, south: number, east: number, north: number) => ({
  type: 'Polygon' as const,
  coordinates: [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ],
  ] as [number, number][][],
});

describe('the area of a polygon', () => {
  test('is that of WGS84: all of it, and cells of a degree', () => {
    const near = (found: number, squareKilometres: number) =>
      assert.ok(Math.abs(found / 100 / squareKilometres - 1) < 1e-6, `${found / 100}, not ${squareKilometres}`);
    near(hectaresOf(boxOf(-180, -90, 180, 90)), 510_065_621.724); // H. Moritz, Geodetic Reference System 1980
    // From the meridian's and the parallels' radii of curvature, integrated numerically with scipy.integrate.quad.
    near(hectaresOf(boxOf(10, 0, 11, 1)), CELLS[0]!);
    near(hectaresOf(boxOf(10, 60, 11, 61)), CELLS[1]!);
  });

  test('is less by its holes, and that of several is their sum', () => {
    const [outer, inner] = [boxOf(0, 0, 2, 2), boxOf(0.5, 0.5, 1, 1)];
    const hole = { type: 'Polygon' as const, coordinates: [outer.coordinates[0]!, inner.coordinates[0]!.toReversed()] };
    assert.ok(Math.abs(hectaresOf(hole) - (hectaresOf(outer) - hectaresOf(inner))) < 1e-6);
    const both = { type: 'MultiPolygon' as const, coordinates: [outer.coordinates, inner.coordinates] };
    assert.ok(Math.abs(hectaresOf(both) - (hectaresOf(outer) + hectaresOf(inner))) < 1e-6);
  });
});

const CELLS = [12308.46389397535, 6123.140878745708];

describe('the areas of classes', async () => {
  const { service, finish, MODEL } = {
    ...(await startTestService()),
    MODEL: { name: 'droughtwatch-baseline', version: '1.0.0' },
  };
  const model = await service.models.load(MODEL);
  const geometry = boxOf(10, 0, 10.1, 0.1);
  const raster = {
    width: 100,
    height: 100,
    bandsBy: 'name' as const,
    crs: 'EPSG:4326',
    bounds: null,
    outline: { geometry, bbox: [10, 0, 10.1, 0.1] as [number, number, number, number] },
  };
  const guesses = [0, 0, 0, 1, 1, 2].map((one) => ({ class: one, truth: one === 1 ? 2 : one }));
  const row = { ...(await finish('placed.tfrecord', guesses)), raster };
  const other = await finish('placeless.tfrecord', [{ class: 3 }]);

  test('are shares of the raster, of which a blank chip has its part as well', () => {
    const { hectares, files, placeless, classes } = areasOf([row, other], [], model);
    const whole = hectaresOf(geometry);
    assert.ok(Math.abs(hectares - (whole * 6) / 7) < 1e-9);
    assert.deepEqual([files, placeless], [1, 1]);
    assert.deepEqual(
      classes.map(({ mapped, corrected }) => [Math.round((7 * mapped) / whole), corrected]),
      [
        [3, null],
        [2, null],
        [1, null],
        [0, null],
      ],
    );
  });

  test('are corrected by the chips whose truth is known', () => {
    const { known, hectares, classes } = areasOf([row], [row], model);
    assert.equal(known, 6);
    assert.deepEqual(
      classes.map(({ corrected }) => Math.round((6 * corrected!.area) / hectares)),
      [3, 0, 3, 0],
    );
    for (const { corrected } of classes)
      assert.ok(corrected!.interval[0] <= corrected!.area && corrected!.area <= corrected!.interval[1]);
  });
});
