import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Plane } from '../../../arrays/dataTypes.ts';
import { GEO_TAGS } from '../../../scenes/raster/raster.ts';
import { encodeDirectories, type Field } from './directory.ts';
import { geoFields, metadataFields, nodataFields } from './fields.ts';
import { packTile } from './tile.ts';

const valuesIn = (fields: readonly Field[]) =>
  Object.fromEntries(fields.map((field) => [field.tag, 'values' in field ? field.values : field.text.toString()]));

describe('the GeoTIFF tags of a map', () => {
  // OGC 19-008r4, section 7.1: keys 3077 to 3096 are parameters of projections, which are doubles.
  for (const [key, isDouble] of [
    [3076, false],
    [3077, true],
    [3096, true],
    [3097, false],
    ...[2053, 2055, 2057, 2058, 2059, 2061, 2062, 5120].map((key) => [key, true] as const),
    ...[2052, 2054, 2056, 2060, 2063, 5119, 5121].map((key) => [key, false] as const),
  ] as const)
    test(`keep the whole number of key ${key} as a ${isDouble ? 'double' : 'short'}`, () => {
      const found = valuesIn(geoFields(null, { [key]: 7 }));
      const entry = isDouble ? [key, 34736, 1, 0] : [key, 0, 1, 7];
      assert.deepEqual(found, { GeoKeyDirectory: [1, 1, 0, 1, ...entry], ...(isDouble && { GeoDoubleParams: [7] }) });
    });

  test('keep as doubles what is no short', () => {
    for (const [value, isShort] of [
      [0, true],
      [65_535, true],
      [65_536, false],
      [-1, false],
      [0.5, false],
    ] as const) {
      const { GeoKeyDirectory, GeoDoubleParams } = valuesIn(geoFields(null, { 3072: value }));
      assert.deepEqual(GeoKeyDirectory, [1, 1, 0, 1, 3072, ...(isShort ? [0, 1, value] : [34736, 1, 0])]);
      assert.deepEqual(GeoDoubleParams, isShort ? undefined : [value]);
    }
  });

  test('have no texts where the keys of the file have none', () => {
    const [directory, doubles, texts] = GEO_TAGS;
    const keys = { [directory]: [1, 1, 0, 1, 1024, 0, 1, 1], [doubles]: [], [texts]: '' };
    assert.deepEqual(Object.keys(valuesIn(geoFields(null, keys))), ['GeoKeyDirectory']);
  });
});

test('what GDAL shows of bands has only what they have, and nothing where there is nothing', () => {
  const of = (...bands: Parameters<typeof metadataFields>[0]['bands'][number][]) => metadataFields({ bands } as never);
  assert.deepEqual(of({ description: '' }), []);
  const lines = (text: string) => text.split('\n').map((line) => line.trim());
  const [field] = of({ description: 'a' }, { description: '', scale: 2 }, { description: '', offset: -1 });
  assert.deepEqual(lines((field as { text: string }).text), [
    '<GDALMetadata>',
    '<Item name="DESCRIPTION" sample="0" role="description">a</Item>',
    '<Item name="SCALE" sample="1" role="scale">2</Item>',
    '<Item name="OFFSET" sample="2" role="offset">-1</Item>',
    '</GDALMetadata>',
    '',
  ]);
});

test('a directory has no more bytes than its entries, and the values that do not fit into them', () => {
  const bytesOf = (text: string, isBig: boolean) =>
    encodeDirectories([[{ tag: 'GdalNodata', type: 'ascii', text }]], 8, isBig).length;
  const texts = ['abc', 'abcd', 'abcde', 'abcdefg', 'abcdefgh'];
  assert.deepEqual(
    texts.map((text) => bytesOf(text, false)),
    [18, 18 + 6, 18 + 6, 18 + 8, 18 + 10],
  );
  assert.deepEqual(
    texts.map((text) => bytesOf(text, true)),
    [36, 36, 36, 36, 36 + 10],
  );
});

test('a tile that juts out over the picture holds the fill value there', async () => {
  const shape = { dataType: 'uint8' as const, bands: 1, tileSize: 4, fill: 9, predictor: 1 as const };
  const pack = async (planes: Plane[], width: number, x: number, bands = 1, fill = 9) => [
    ...(await packTile({ planes, width, rows: planes[0]!.length / width }, x, {
      ...shape,
      bands,
      fill,
      deflate: async (bytes) => bytes,
    })),
  ];
  const rows = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 10, 11);
  const none = [9, 9, 9, 9];
  assert.deepEqual(await pack([rows], 5, 0), [1, 2, 3, 4, 6, 7, 8, 10, ...none, ...none]);
  assert.deepEqual(await pack([rows], 5, 4), [5, 9, 9, 9, 11, 9, 9, 9, ...none, ...none]);
  assert.deepEqual((await pack([rows], 5, 4, 1, 1)).slice(0, 4), [5, 1, 1, 1]);
  const column = Uint8Array.of(1, 2, 3, 4);
  assert.deepEqual(
    await pack([column, column], 1, 0, 2),
    [1, 2, 3, 4].flatMap((one) => [one, one, 9, 9, 9, 9, 9, 9]),
  );
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
