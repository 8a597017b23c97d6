import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryCube } from '../../../test/benches/memoryCube.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import type { RasterValues } from '../raster/raster.ts';
import { placeOf, timeOf, timesOf } from './coordinates.ts';
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

  test('that pass 180° east go on beyond it', async () => {
    const x = { values: Float64Array.of(179, 179.5, -180, -179.5) };
    const y = { values: Float64Array.of(2, 1, 0) };
    for (const mapping of [{}, { crs_wkt: 'EPSG:4326' }, { crs_wkt: 'EPSG:4269' }]) {
      const attributes = Object.keys(mapping).length === 0 ? { units: 'degrees_east' } : {};
      const { transform } = await placed({ ...x, attributes }, y, mapping);
      assert.deepEqual(transform, [178.75, 0.5, 0, 2.5, 0, -1]);
    }
    await assert.rejects(placed(x, y, { crs_wkt: 'EPSG:32629' }), /coordinates at unequal distances/);
  });

  /** Places a variable as Sentinel-5P has them: of one time, with counts of its pixels, and latitudes of each in another group. */
  async function placedByEach(units: string, mapping: Attributes = {}) {
    const [shape, attributes] = [[1, 3, 4], { coordinates: '/P/lon /P/lat' }];
    const b02 = { values: new Uint8Array(12), dimensions: ['time', 'scanline', 'ground_pixel'], shape, attributes };
    const of = (values: RasterValues) => ({ values, attributes: units ? { units } : {} });
    const [scanline, ground_pixel] = [of(Int32Array.of(0, 1, 2)), of(Int32Array.of(0, 1, 2, 3))];
    const [lon, lat] = [0, 0].map(() => ({ values: new Float32Array(12), dimensions: b02.dimensions, shape }));
    const crs = { values: new Int32Array(1), attributes: mapping };
    const sides = { 'P/scanline': { ...scanline, dimensions: ['scanline'] }, 'P/ground_pixel': ground_pixel };
    const cube = memoryCube({ 'P/D/b02': b02, ...sides, 'P/lon': lon!, 'P/lat': lat!, 'P/crs': crs });
    return placeOf('a.nc', cube, cube.variables[0]!, [1, 2]);
  }

  for (const units of ['1', ''])
    test(`in ${units || 'no unit'} are no place beside one of each pixel, and refused`, () =>
      assert.rejects(placedByEach(units), {
        name: 'InvalidSceneFile',
        message: /of its own for each pixel, “\/P\/lon”/,
      }));

  for (const [what, units, mapping] of [
    ['of a length', 'm', {}],
    ['of a coordinate reference system', '1', { crs_wkt: 'EPSG:32629' }],
    ['of a grid mapping by numbers', '1', { grid_mapping_name: 'transverse_mercator' }],
  ] as const)
    test(`${what} are the place, whatever latitudes lie beside them`, async () =>
      assert.deepEqual((await placedByEach(units, mapping)).transform, [-0.5, 1, 0, -0.5, 0, 1]));

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
    ['1', METRES, 1],
    ['', feet, 1],
    ['km', '', 1000],
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

describe('a grid mapping', () => {
  const x = { values: Float64Array.of(1, 2, 3, 4) };
  const y = { values: Float64Array.of(8, 7, 6) };

  for (const [written, isFound] of [
    ['crs', true],
    ['crs: x y', true],
    ['other: lat lon crs: x y', true],
    ['crs: lat lon', true], // is a variable that is called crs
    ['other: x y', false],
  ] as const)
    test(`may be written as “${written}”`, async () => {
      const other = { values: new Int32Array(1) };
      const attributes = { grid_mapping: written };
      const b02 = { values: new Uint8Array(12), dimensions: ['y', 'x'], shape: [3, 4], attributes };
      const crs = { values: new Int32Array(1), attributes: { crs_wkt: 'EPSG:32629' } };
      const cube = memoryCube({ b02, x, y, crs, other });
      const { geoKeys } = await placeOf('a.nc', cube, cube.variables[0]!, [0, 1]);
      assert.equal(geoKeys?.[3072], isFound ? 32629 : undefined);
    });

  for (const [what, mapping, reason] of [
    [
      'of numbers alone is named, with what brings its text',
      { grid_mapping_name: 'transverse_mercator' },
      /^its grid mapping “crs” is “transverse_mercator” by its numbers, allowed are a code or crs_wkt\. Add it: python -c "import xarray; .*CRS\.from_cf\(m\)\.to_wkt\(\); x\.to_netcdf\('out\.nc'\)"$/,
    ],
    ['of a system that is not known is named', { crs_wkt: 'EPSG:30000' }, /\(EPSG:30000\) is not known$/],
    [
      'of PROJJSON without a code is named',
      { 'proj:projjson': { type: 'ProjectedCRS' } },
      /^its proj:projjson has no id/,
    ],
    ['of nothing says nothing', {}, undefined],
  ] as const)
    test(what, async () => {
      const found = await placed(x, y, mapping);
      assert.equal(found.geoKeys, null);
      if (reason === undefined) assert.equal(found.unplaced, undefined);
      else assert.match(found.unplaced!, reason);
    });
});

/** As num2date of cftime 1.6.6 has it, but for a zone of one digit, which CF 4.4 has in its example, and an hour alone, as UDUNITS reads it. */
describe('a time of the CF conventions:', () => {
  for (const [units, calendar, count, time] of [
    ['seconds since 1970-01-01T00:00:00+02:00', 'standard', 7200, '1970-01-01T00:00:00.000Z'],
    ['hours since 2018-06-01 06:00:00 -6:00', 'standard', 0, '2018-06-01T12:00:00.000Z'],
    ['hours since 2018-06-01 06:00:00 -0330', 'standard', 0, '2018-06-01T09:30:00.000Z'],
    ['hours since 2018-06-01T06:00:00Z', undefined, 1.5, '2018-06-01T07:30:00.000Z'],
    ['hours since 2018-06-01 06:00 UTC', 'gregorian', 0, '2018-06-01T06:00:00.000Z'],
    ['days since 2018-06-01 06', 'standard', 0, '2018-06-01T06:00:00.000Z'],
    ['minutes since 2018-1-1 0:0', 'standard', 5, '2018-01-01T00:05:00.000Z'],
    ['hours since 1900-01-01 00:00:0.0', 'gregorian', 1037664, '2018-05-18T00:00:00.000Z'],
    ['days since 1858-11-17', 'standard', 58270.5, '2018-06-01T12:00:00.000Z'],
    ['days since 0001-01-01', 'proleptic_gregorian', 736846, '2018-06-02T00:00:00.000Z'],
    ['milliseconds since 2018-01-01 00:00:00.5', 'standard', 5, '2018-01-01T00:00:00.505Z'],
    ['Hours  since\t2018-06-01 06:00:00 GMT', 'GREGORIAN', 1, '2018-06-01T07:00:00.000Z'],
    ['d since 2018-06-01', 'Proleptic_Gregorian', 1, '2018-06-02T00:00:00.000Z'],
    ['h since 2018-06-01', 'standard', 1, '2018-06-01T01:00:00.000Z'],
    ['hrs since 2018-06-01', 'standard', 1, '2018-06-01T01:00:00.000Z'],
    ['HOUR since 2018-06-01', 'standard', 1, '2018-06-01T01:00:00.000Z'],
    ['min since 2018-06-01', 'standard', 1, '2018-06-01T00:01:00.000Z'],
    ['s since 2018-06-01', 'standard', 1, '2018-06-01T00:00:01.000Z'],
    ['secs since 2018-06-01', 'standard', 1, '2018-06-01T00:00:01.000Z'],
    ['ms since 2018-06-01', 'standard', 1, '2018-06-01T00:00:00.001Z'],
    ['msec since 2018-06-01', 'standard', 1, '2018-06-01T00:00:00.001Z'],
    ['millisecs since 2018-06-01', 'standard', 1, '2018-06-01T00:00:00.001Z'],
    ['microsecs since 2018-06-01', 'standard', 1000, '2018-06-01T00:00:00.001Z'],
  ] as const)
    test(`${count} ${units} (${calendar})`, () => {
      assert.equal(timeOf(count, calendar === undefined ? { units } : { units, calendar }), time);
    });

  for (const [units, calendar, count] of [
    ['days since 2018-06-31', 'standard', 0],
    ['days since 2018-13-01', 'standard', 0],
    ['days since 2018-00-01', 'standard', 0],
    ['days since 1-1-1', 'standard', 736846],
    ['days since 2000-01-01', 'noleap', 5],
    ['months since 2018-01-01', 'standard', 5],
    ['days since 2018-01-01 00:00:00 local', 'standard', 5],
    ['days since 2018-01-01', 'standard', Number.NaN],
    ['days since 2018-01-01', 'standard', 1e12],
    ['constructors since 2018-01-01', 'standard', 1],
  ] as const)
    test(`${count} ${units} (${calendar}) is none, and what is found is kept`, () => {
      assert.equal(timeOf(count, { units, calendar }), `${count} ${units} (${calendar})`);
    });

  test('of no unit is none', () => assert.equal(timeOf(5, {}), ''));

  for (const [what, name, more] of [
    ['the dimension', 'valid_time', { dimensions: ['valid_time', 'y', 'x'], shape: [1, 3, 4] }],
    ['the scalar coordinate', 't', { attributes: { coordinates: 'band_id t y x' } }],
  ] as const)
    test(`is that of ${what} whose standard name says so, rather than of another that is called time`, async () => {
      const of = (hours: number, more = {}) => ({
        values: Int32Array.of(hours),
        attributes: { units: 'hours since 2018-06-01', ...more },
      });
      const forecast = of(0, { standard_name: 'forecast_reference_time' });
      const b02 = { values: new Uint8Array(12), ...more };
      const cube = memoryCube({ b02, time: forecast, [name]: of(6, { standard_name: 'time' }) });
      const [, , { start }] = (await timesOf(cube, cube.variables[0]!)) as [unknown, unknown, { start: string }];
      assert.equal(start, '2018-06-01T06:00:00.000Z');
    });

  test('that can not be decoded is none, and refuses no pixels', async () => {
    const attributes = { units: 'days since 2018-06-01' };
    const cube = memoryCube({ b02: { values: new Uint8Array(12) }, time: { values: Int32Array.of(1), attributes } });
    const readBlock = () => Promise.reject(new InvalidSceneFile('damaged'));
    const variables = cube.variables.map((one) => (one.path === 'time' ? { ...one, readBlock } : one));
    const times = await timesOf({ ...cube, variables }, cube.variables[0]!);
    assert.ok(times.some(({ start }) => start === 'NaN days since 2018-06-01 (standard)'));
  });
});
