import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchBands } from './matchBands.ts';

const wanted = [
  { name: 'B04', commonName: 'red' },
  { name: 'B08', commonName: 'nir' },
].map((band) => ({ ...band, dataType: 'uint16', bytesPerChip: 0 }) as const);

for (const { what, described, alpha = null, found } of [
  { what: 'the names, in any order, among others', described: ['B08', 'B02', 'B04'], found: [[2, 0], 'description'] },
  { what: 'the names in other letters', described: ['b04', ' b08 '], found: [[0, 1], 'description'] },
  { what: 'the common names', described: ['nir', 'blue', 'Red'], found: [[2, 0], 'common name'] },
  { what: 'nothing, as many', described: [null, null], found: [[0, 1], 'position'] },
  { what: 'other names, with the same number', described: ['first', 'second'], found: [[0, 1], 'position'] },
  {
    what: 'nothing, with the same number and alpha',
    described: [null, null, null],
    alpha: 2,
    found: [[0, 1], 'position'],
  },
  {
    what: 'nothing, with the same number including alpha',
    described: [null, null],
    alpha: 1,
    found: [[0, 1], 'position'],
  },
  { what: 'the names, one of them alpha', described: ['B04', 'B08'], alpha: 1, found: [[0, 1], 'description'] },
  { what: 'nothing, alpha in front', described: [null, null, null], alpha: 0, found: [[1, 2], 'position'] },
])
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
