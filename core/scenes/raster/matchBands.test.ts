import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchBands } from './matchBands.ts';
import type { Raster } from './raster.ts';

const wanted = [
  { name: 'B04', commonName: 'red' },
  { name: 'B08', commonName: 'nir' },
].map((band) => ({ ...band, dataType: 'uint16', bytesPerChip: 0 }) as const);

for (const [what, described, alpha = null, found] of [
  ['the names, in any order, among others', ['B08', 'B02', 'B04'], undefined, [[2, 0], 'description']],
  ['the names in other letters', ['b04', ' b08 '], undefined, [[0, 1], 'description']],
  ['the common names', ['nir', 'blue', 'Red'], undefined, [[2, 0], 'common name']],
  ['nothing, as many', [null, null], undefined, [[0, 1], 'position']],
  ['other names, with the same number', ['first', 'second'], undefined, [[0, 1], 'position']],
  ['nothing, with the same number and alpha', [null, null, null], 2, [[0, 1], 'position']],
  ['nothing, with the same number including alpha', [null, null], 1, [[0, 1], 'position']],
  [
    'the names, with more words',
    ['B8, central wavelength 842 nm', 'B4, central wavelength 665 nm'],
    undefined,
    [[1, 0], 'description'],
  ],
  ['the common names among words', ['NIR band', 'S2_blue', 'Red (665 nm)'], undefined, [[2, 0], 'common name']],
  ['the names, one of them alpha', ['B04', 'B08'], 1, [[0, 1], 'description']],
  ['nothing, alpha in front', [null, null, null], 0, [[1, 2], 'position']],
] as const)
  test(`bands described by ${what}`, () => {
    const { bands, by } = matchBands('a', rasterOf(described, { alpha }), wanted);
    assert.deepEqual([bands, by], found);
  });

for (const [described, alpha = null, message] of [
  [
    [null],
    undefined,
    'a: found 1 band, allowed are the bands B04 (red), B08 (nir): described by these names, or 2 of them in this order',
  ],
  [[null, null, null], undefined, /^a: found 3 bands, allowed/],
  [[null, null, null, null], 3, /^a: found 4 bands \(band 4 is tagged as alpha\), allowed/],
  [['B04', 'B05'], undefined, /^a: found 2 bands: “B04, B05”,/],
  [['B8, 842 nm', 'B5, 705 nm'], undefined, /“B8, 842 nm, B5, 705 nm”/],
  [['red', null], undefined, /“red, \(no description\)”/],
  [['B04', 'QA_B08'], undefined, /“B04, QA_B08”/],
  [['nir_mean', 'nir_deviation'], undefined, /“nir_mean, nir_deviation”/],
  [['B08', null, 'B02'], undefined, /“B08, \(no description\), B02”/],
] as const)
  test(`bands that do not match the package are refused: ${message}`, () => {
    assert.throws(() => matchBands('a', rasterOf(described, { alpha }), wanted), { name: 'InvalidSceneFile', message });
  });

const COMMON = { B02: 'blue', B03: 'green', B04: 'red', B08: 'nir' };
const sentinel2 = (names: readonly (keyof typeof COMMON)[]) =>
  names.map((name) => ({ name, commonName: COMMON[name], dataType: 'uint16', bytesPerChip: 0 }) as const);
const ofFour = sentinel2(['B02', 'B03', 'B04', 'B08']);

describe("red, green, blue and infrared are not taken for the package's blue, green, red and infrared", () => {
  for (const [writer, described, by] of [
    [
      'GDAL',
      ['B4, central wavelength 665 nm', 'B3, central wavelength 560 nm', 'B2, 490 nm', 'B8, 842 nm'],
      'description',
    ],
    ['Earth Engine', ['B4', 'B3', 'B2', 'B8'], 'description'],
    ['a writer of names of files', ['T32_B04_10m', 'T32_B03_10m', 'T32_B02_10m', 'T32_B08_10m'], 'description'],
    ['a writer of both names', ['Red (B04)', 'Green (B03)', 'Blue (B02)', 'NIR (B08)'], 'description'],
    ['a writer of common names', ['Red', 'Green', 'Blue', 'NIR (842 nm)'], 'common name'],
    ['a writer of similar names', ['red', 'green', 'blue', 'NIR1'], null],
    ['a writer of some names', ['red', 'green', 'blue', null], null],
    ['a writer of names of both kinds', ['B04', 'green', 'blue', 'B08'], null],
  ] as const)
    test(writer, () => {
      const found = () => matchBands('a', rasterOf(described), ofFour);
      if (by === null) assert.throws(found, { name: 'InvalidSceneFile', message: /^a: found 4 bands: “/ });
      else assert.deepEqual(found(), { bands: [2, 1, 0, 3], by });
    });

  test('nor are words names in a file of variables', () => {
    assert.throws(() => matchBands('a', rasterOf(['B2', 'B3', 'B4', 'B8', 'QA']), ofFour, true), /^InvalidSceneFile/);
  });
});

test('bands that have other names are taken by position, with a warning', () => {
  assert.deepEqual(matchBands('a', rasterOf(['first', 'second']), wanted).warnings, [
    'Its bands were taken by position as B04 (red), B08 (nir), though it has 2 bands: “first, second”. If they are others, describe them by these names.',
  ]);
});

for (const [names, bands, isWarned] of [
  [['B02', 'B03', 'B04'], [2, 1, 0], true],
  [['B03', 'B04', 'B02'], [1, 0, 2], true],
  [['B04', 'B03', 'B02'], [0, 1, 2], false],
  [['B02', 'B03', 'B08'], [0, 1, 2], false],
] as const)
  test(`an RGB image has ${names} by its colours: ${bands}`, () => {
    for (const image of [rasterOf([null, null, null]), rasterOf([null, null, null, null], { alpha: 3 })]) {
      const found = matchBands('a', { ...image, photometric: 'rgb' }, sentinel2(names));
      assert.deepEqual([found.bands, found.warnings !== undefined], [bands, isWarned]);
    }
  });

function rasterOf(
  described: readonly (string | null)[],
  { alpha = null }: Partial<Pick<Raster, 'alpha'>> = {},
): Pick<Raster, 'bands' | 'alpha' | 'photometric'> {
  const bands = described.map((description) => ({ description, scale: null, offset: null, nodata: null }));
  return { bands, alpha, photometric: 'other' };
}
