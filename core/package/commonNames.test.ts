import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { areContrary } from './commonNames.ts';

describe('two common names', () => {
  for (const [one, other] of [
    ['red', 'nir08'],
    ['red', 'rededge'],
    ['blue', 'green'],
    ['coastal', 'blue'],
    ['pan', 'nir'],
    ['rededge071', 'nir08'],
    ['rededge071', 'nir'],
    ['rededge071', 'rededge075'],
    ['swir16', 'swir22'],
    ['NIR08 ', 'swir16'],
  ] as const)
    test(`contradict each other: ${one} and ${other}`, () => {
      assert.deepEqual([areContrary(one, other), areContrary(other, one)], [true, true]);
    });

  for (const [one, other] of [
    ['nir08', 'nir08'],
    ['Nir08', 'nir08 '],
    ['nir', 'nir08'],
    ['nir', 'nir09'],
    ['rededge', 'rededge075'],
    ['rededge', 'nir08'],
    ['rededge', 'nir'],
    ['green', 'green05'],
    ['lwir', 'lwir11'],
    ['red', 'my_band'],
    ['red', null],
    [null, null],
  ] as const)
    test(`may be of one band: ${one} and ${other}`, () => {
      assert.deepEqual([areContrary(one, other), areContrary(other, one)], [false, false]);
    });
});
