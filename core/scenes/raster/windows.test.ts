import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import { openBytes } from '../../../test/tiff.ts';
import { makeRasterValues, type RasterType } from './raster.ts';
import { markData } from './windows.ts';

const step = 2 ** -23;

/** What GDAL 3.10.3 finds: `read_masks` of rasterio 1.4.4. */
describe('a value is nodata if it is as near as GDAL has it:', () => {
  for (const [type, nodata, values, expected] of [
    ['float32', 1, [1, 1 + step, 1 + 4 * step, 1 + 5 * step, 1 - 2 * step, 1 - 4 * step], [0, 0, 0, 1, 0, 1]],
    ['float64', 1, [1, 1 + 3.99 * step, 1 + 5 * step, 1 - 4 * step], [0, 0, 1, 1]],
    ['float32', 0, [0, -0, 1e-45], [0, 0, 1]],
    ['float32', -3.4028230607370965e38, [-3.4028234663852886e38, -Infinity, 0], [0, 1, 1]],
    ['float32', -Infinity, [-3.4028234663852886e38, -Infinity, Infinity], [1, 0, 1]],
    ['float64', Number.MAX_VALUE, [Number.MAX_VALUE, Infinity, 0], [0, 1, 1]],
    ['float32', 5, [Number.NaN, 5], [1, 0]],
    ['float32', Number.NaN, [Number.NaN, 5], [0, 1]],
    ['int32', -2147483648, [-2147483648, -2147483647], [0, 1]],
    ['uint64', 2n ** 64n - 1n, [2n ** 64n - 1n, 2n ** 64n - 2n], [0, 1]],
  ] as [RasterType, number | bigint, (number | bigint)[], number[]][])
    test(`${nodata} among ${values.join(', ')} of ${type}`, () => {
      const plane = makeRasterValues(type, values.length);
      for (const [i, value] of values.entries()) plane[i] = value as number;
      const valid = new Uint8Array(values.length);
      markData(type, plane, nodata, valid);
      assert.deepEqual([...valid], expected);
    });

  test('but whole numbers must be equal, whichever array they are read into', () => {
    const valid = new Uint8Array(2);
    markData('int32', Float64Array.of(-2147483648, -2147483647), -2147483648, valid);
    assert.deepEqual([...valid], [0, 1]);
  });
});

test('a GeoTIFF whose nodata value was rounded when it was written has no data there', async () => {
  const lowest = -3.4028234663852886e38; // as ArcGIS does
  const file = encodeGeoTiff({
    ...{ width: 3, height: 1, bands: [Float32Array.of(lowest, 7, lowest)] },
    nodata: '-3.40282306073709653e+38',
  });
  const { read } = await openBytes(file);
  const { valid } = await read({ x: 0, y: 0, width: 3, height: 1 }, [0], [new Float32Array(3)]);
  assert.deepEqual([...valid!], [0, 1, 0]);
});

describe('a pixel of a GeoTIFF with NODATA_VALUES has no data where all bands hold theirs', () => {
  const bands = [Uint8Array.of(7, 7, 1, 0), Uint8Array.of(8, 1, 8, 0)];
  const open = (values: string, more = {}) =>
    openBytes(
      encodeGeoTiff({
        ...{ width: 4, height: 1, bands, metadata: `<Item name="NODATA_VALUES">${values}</Item>`, ...more },
      }),
    );
  for (const [what, wanted, values, more, expected] of [
    ['of all bands', [0, 1], '7 8', {}, [0, 1, 1, 1]],
    ['of all bands, in another order', [1, 0], '7 8', {}, [0, 1, 1, 1]],
    ['of one band', [1], '7 8', {}, [0, 1, 1, 1]],
    ['whatever the nodata value', [0, 1], '7 8', { nodata: 0 }, [0, 1, 1, 1]],
    ['but not if there is one too few', [0, 1], '7', { nodata: 0 }, [1, 1, 1, 0]],
    ['but not if the type can not hold one', [0, 1], '7 -1', {}, null],
  ] as [string, number[], string, object, number[] | null][])
    test(what, async () => {
      const { read } = await open(values, more);
      const into = wanted.map(() => new Uint8Array(4));
      const { valid } = await read({ x: 0, y: 0, width: 4, height: 1 }, wanted, into);
      assert.deepEqual(valid && [...valid], expected);
      assert.deepEqual(
        into,
        wanted.map((band) => bands[band]),
      );
    });
});
