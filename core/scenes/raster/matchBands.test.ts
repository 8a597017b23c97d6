import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchBands } from './matchBands.ts';

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
  ['the names, one of them alpha', ['B04', 'B08'], 1, [[0, 1], 'description']],
  ['nothing, alpha in front', [null, null, null], 0, [[1, 2], 'position']],
] as const)
  test(`bands described by ${what}`, () => {
    const { bands, by } = matchBands('a', rasterOf(described, alpha), wanted);
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
  [['B08', null, 'B02'], undefined, /“B08, \(no description\), B02”/],
] as const)
  test(`bands that do not match the package are refused: ${message}`, () => {
    assert.throws(() => matchBands('a', rasterOf(described, alpha), wanted), { name: 'InvalidSceneFile', message });
  });

function rasterOf(described: readonly (string | null)[], alpha: number | null = null) {
  return { bands: described.map((description) => ({ description, scale: null, offset: null, nodata: null })), alpha };
}
