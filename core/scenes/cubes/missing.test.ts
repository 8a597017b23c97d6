import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryCube } from '../../../test/benches/memoryCube.ts';
import { SCENE_LIMITS } from '../../base/limits.ts';
import type { SourceBand } from '../../package/facts.ts';
import type { RasterType, RasterValues } from '../raster/raster.ts';
import { stackCube } from './cubeRaster.ts';
import { withOneNodata } from './missing.ts';

const encoded = Buffer.alloc(8);
encoded.writeDoubleLE(-9999);
const float32 = Float32Array.of(-9999, -1, 0, 0.5, Number.NaN, 1e20);

describe('the missing values of a variable become one, the value of no data:', () => {
  for (const [what, attributes, values, nodata, read] of [
    ['none', {}, Int16Array.of(-1, 0), null, [-1, 0]],
    ['_FillValue', { _FillValue: -1 }, Int16Array.of(-1, 0), -1, [-1, 0]],
    ['both', { _FillValue: -32768, missing_value: -999 }, Int16Array.of(-32768, -999, 5), -32768, [-32768, -32768, 5]],
    ['several', { missing_value: [-999, -998] }, Int16Array.of(-998, -999, 5), -999, [-999, -999, 5]],
    ["EOPF's", { fill_value: 0, valid_max: 10 }, Uint16Array.of(0, 10, 11), 0, [0, 10, 0]],
    ['NaN, too', { _FillValue: 7, missing_value: Number.NaN }, Float32Array.of(7, Number.NaN, 8), 7, [7, 7, 8]],
    ['those below', { valid_min: 0 }, Int16Array.of(-999, -1, 0, 5), -1, [-1, -1, 0, 5]],
    ['those above', { valid_max: 250 }, Uint8Array.of(250, 251, 255), 251, [250, 251, 251]],
    ['those out of range', { valid_range: [0, 250] }, Uint8Array.of(0, 251, 255), 251, [0, 251, 251]],
    [
      'those out of range, of a fill value',
      { _FillValue: 255, valid_range: [1, 9] },
      Uint8Array.of(0, 9),
      255,
      [255, 9],
    ],
    ['none of a range of all', { valid_range: [0, 255] }, Uint8Array.of(0, 255), null, [0, 255]],
    ['64 bits', { valid_min: 0 }, BigInt64Array.of(-5n, 5n), -1n, [-1n, 5n]],
    ['floats', { valid_range: [0, 1] }, float32, Number.NaN, [Number.NaN, Number.NaN, 0, 0.5, Number.NaN, Number.NaN]],
    [
      'unsigned',
      { _Unsigned: 'true', _FillValue: -1, valid_range: [0, -3] },
      Int8Array.of(-3, -2, -1),
      255,
      [253, 255, 255],
    ],
    ['signed', { _Unsigned: 'false', missing_value: [255, -2] }, Uint8Array.of(255, 254, 5), -1, [-1, -1, 5]],
    ['none that no type of these bits holds', { _Unsigned: 'true', missing_value: 256 }, Int8Array.of(0), null, [0]],
    [
      'none that an _Unsigned would have turned, but is no text',
      { _Unsigned: true, missing_value: 255 },
      Int8Array.of(-1),
      null,
      [-1],
    ],
    [
      'none that an _Unsigned would have turned, but is True',
      { _Unsigned: 'True', missing_value: 255 },
      Int8Array.of(-1),
      null,
      [-1],
    ],
    [
      'none that an _Unsigned would have turned, of unsigned ones',
      { _Unsigned: 'true', missing_value: -1 },
      Uint8Array.of(255),
      null,
      [255],
    ],
    ['in base64', { _FillValue: encoded.toString('base64') }, Float32Array.of(-9999, 1), -9999, [-9999, 1]],
    [
      'none of a range of unpacked values',
      { valid_range: [0, 0.65], scale_factor: 1e-4 },
      Int16Array.of(-1, 9),
      null,
      [-1, 9],
    ],
    [
      'none of a range in JSON, which may be of unpacked values',
      { valid_range: [150, 400], scale_factor: 0.01, add_offset: 290 },
      Int16Array.of(0, 401),
      null,
      [0, 401],
    ],
  ] as [string, Record<string, unknown>, RasterValues, number | bigint | null, unknown[]][])
    test(what, async () => {
      const [variable] = memoryCube({ b02: { values, attributes } }).variables;
      const found = withOneNodata(variable!, variable!.type as RasterType);
      assert.deepEqual(found.nodata, nodata);
      assert.deepEqual([...(await found.variable.readBlock([0])).values], read);
    });
});

test('a range of the type of packed values is one of stored values', async () => {
  const attributes = { valid_range: [0, 10_000], scale_factor: 1e-4 };
  const [variable] = memoryCube({ b02: { values: Int16Array.of(-1, 0, 10_001), attributes } }).variables;
  const found = withOneNodata({ ...variable!, areBoundsWhole: true }, 'int16');
  assert.deepEqual([...(await found.variable.readBlock([0])).values], [-1, 0, -1]);
});

test('pixels with any of the missing values have no data', async () => {
  const attributes = { _FillValue: -1, missing_value: [-2, -3], valid_max: 100 };
  const values = Int16Array.of(-1, -2, -3, 101, 100, 0);
  const cube = memoryCube({ b02: { values, dimensions: ['y', 'x'], shape: [2, 3], attributes } });
  const wanted = [{ name: 'b02', commonName: null }] as unknown as SourceBand[];
  const { raster } = await stackCube('a.nc', cube, wanted, SCENE_LIMITS);
  const into = new Int16Array(6);
  const { valid } = await raster.read({ x: 0, y: 0, width: 3, height: 2 }, [0], [into]);
  assert.deepEqual([...into], [-1, -1, -1, -1, 100, 0]);
  assert.deepEqual([...valid!], [0, 0, 0, 0, 1, 1]);
  assert.deepEqual([...values], [-1, -2, -3, 101, 100, 0]);
});
