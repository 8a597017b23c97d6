import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryCube } from '../../../test/benches/memoryCube.ts';
import type { RasterValues } from '../raster/raster.ts';
import { placeOf } from './coordinates.ts';
import type { Attributes } from './cube.ts';

type Axis = { values: RasterValues; attributes?: Attributes };

/** Places a variable of 3 × 4 pixels by its coordinates, and by a grid mapping. */
async function placed(x: Axis, y: Axis, mapping: Attributes = {}, grid_mapping = 'crs') {
  const b02 = { values: new Uint8Array(12), dimensions: ['y', 'x'], shape: [3, 4], attributes: { grid_mapping } };
  const cube = memoryCube({ b02, x, y, crs: { values: new Int32Array(1), attributes: mapping } });
  return placeOf('a.nc', cube, cube.variables[0]!, [0, 1]);
}

const laea = (unit: string) =>
  `PROJCS["a",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]]],PROJECTION["Lambert_Azimuthal_Equal_Area"],PARAMETER["latitude_of_center",90],PARAMETER["longitude_of_center",0],PARAMETER["false_easting",0],PARAMETER["false_northing",0],${unit}]`;
const [KILOMETRES, METRES] = [laea('UNIT["kilometre",1000]'), laea('UNIT["metre",1]')];

describe('coordinates', () => {
  test('that are packed are unpacked', async () => {
    const x = {
      values: Int16Array.of(1000, 1010, 1020, 1030),
      attributes: { scale_factor: 0.5, units: 'degrees_east' },
    };
    const y = { values: Int16Array.of(0, -1, -2), attributes: { scale_factor: 0.25, add_offset: 50 } };
    assert.deepEqual((await placed(x, y)).transform, [497.5, 5, 0, 50.125, 0, -0.25]);
  });

  const height = 35_786_023;
  const feet = 'EPSG:2263'; // in feet of the US survey
  for (const [units, crs_wkt, factor] of [
    ['m', METRES, 1],
    ['metres', METRES, 1],
    ['km', METRES, 1000],
    ['kilometers', METRES, 1000],
    ['m', KILOMETRES, 0.001],
    ['km', KILOMETRES, 1],
    ['m', feet, 39.37 / 12],
    ['km', feet, 39_370 / 12],
    ['US_survey_foot', feet, 1],
    ['foot', feet, (0.3048 * 39.37) / 12],
    ['1', METRES, 1],
    ['', feet, 1],
    ['km', '', 1000],
    ['km', 'EPSG:4326', 1],
    ['rad', METRES, height],
    ['radian', KILOMETRES, height / 1000],
  ] as const)
    test(`in ${units || 'no unit'} are multiplied by ${factor} for ${crs_wkt.slice(-12) || 'no system'}`, async () => {
      const attributes = { units };
      const x = { values: Float64Array.of(1, 2, 3, 4), attributes };
      const y = { values: Float64Array.of(8, 7, 6), attributes };
      const { transform } = await placed(x, y, { crs_wkt, perspective_point_height: height });
      const expected = [0.5, 1, 0, 8.5, 0, -1].map((one) => one * factor);
      assert.ok(
        transform!.every((one, i) => Math.abs(one - expected[i]!) <= 1e-12 * Math.abs(expected[i]!)),
        `${transform}`,
      );
    });
});
