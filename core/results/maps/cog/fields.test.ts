import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GEO_TAGS } from '../../../scenes/raster/raster.ts';
import type { Field } from './directory.ts';
import { nodataFields } from './gdalFields.ts';
import { geoFields } from './geoFields.ts';

const valuesIn = (fields: readonly Field[]) =>
  Object.fromEntries(fields.map((field) => [field.tag, 'values' in field ? field.values : field.text.toString()]));

describe('the GeoTIFF tags of a map', () => {
  test('have a scale and a tie point at the first pixel where north is up', () => {
    assert.deepEqual(valuesIn(geoFields([500_000, 10, 0, 5e6, 0, -20], null)), {
      ModelPixelScale: [10, 20, 0],
      ModelTiepoint: [0, 0, 0, 500_000, 5e6, 0],
    });
  });

  test('have a matrix where the raster is turned', () => {
    assert.deepEqual(valuesIn(geoFields([1, 10, 2, 3, 4, -20], null)), {
      ModelTransformation: [10, 2, 0, 1, 4, -20, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1],
    });
  });

  // OGC 19-008r4, section 7.1: keys 3077 to 3096 are parameters of projections, which are doubles.
  for (const [key, isDouble] of [
    [3076, false],
    [3077, true],
    [3096, true],
    [3097, false],
    [2057, true],
    [2056, false],
    [5120, true],
  ] as const)
    test(`keep the whole number of key ${key} as a ${isDouble ? 'double' : 'short'}`, () => {
      const found = valuesIn(geoFields(null, { [key]: 7 }));
      const entry = isDouble ? [key, 34736, 1, 0] : [key, 0, 1, 7];
      assert.deepEqual(found, {
        GeoKeyDirectory: [1, 1, 0, 1, ...entry],
        ...(isDouble && { GeoDoubleParams: [7] }),
      });
    });

  test('have no texts where the keys of the file have none', () => {
    const [directory, doubles, texts] = GEO_TAGS;
    const keys = { [directory]: [1, 1, 0, 1, 1024, 0, 1, 1], [doubles]: [], [texts]: '' };
    assert.deepEqual(Object.keys(valuesIn(geoFields(null, keys))), ['GeoKeyDirectory']);
  });
});

for (const [nodata, text] of [
  [0, '0'],
  [-1.5, '-1.5'],
  [Number.NaN, 'nan'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
] as const)
  test(`nodata of ${nodata} is written as GDAL writes it`, () =>
    assert.deepEqual(nodataFields(nodata), [{ tag: 'GdalNodata', type: 'ascii', text }]));
