import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BandProfile } from './bandProfile.ts';
import { parseSeasons } from './seasons.ts';

const PROFILE = [{ name: 'B4', counts: [5, 5], mean: 7 }] as unknown as BandProfile[];
const read = (seasons: unknown) => parseSeasons({ bins: { edges: [0, 1, 2] }, seasons }, (json) => json, PROFILE);
const MARCH = { scenes: 6, classes: { water: 3 }, bands: { B4: { counts: [1, 9], mean: 8, wider: 1.3 } } };

describe('what a package says of seasons', () => {
  test('is nothing, unless it says so', () => assert.equal(read(undefined), undefined));

  test('is the predictions and bands of months, and of segments with months of their own', () => {
    const scenes = { scenes: 20, chips: 100, exponent: 0.4, degreesOfFreedom: 2 };
    const segments = { tile: { T33UUP: { ...MARCH, months: { 3: { scenes: 5, bins: { counts: [2, 4] } } } } } };
    const found = read({ scenes, months: { 3: MARCH }, bands: { B4: scenes }, segments })!;
    const march = { scenes: 6, bands: [{ counts: [1, 9], mean: 8, wider: 1.3 }], reference: { classes: { water: 3 } } };
    assert.deepEqual([found.clustering, found.ofBands], [scenes, [scenes]]);
    assert.deepEqual(found.months, { 3: march });
    // The bins of a month have the edges of the whole reference; what it says nothing of is as in the whole profile.
    const { months, ...tile } = found.segments['tile']!['T33UUP']!;
    const bins = { edges: [0, 1, 2], counts: [2, 4] };
    assert.deepEqual(months, { 3: { scenes: 5, bands: [{ counts: [5, 5], mean: 7, wider: 1 }], reference: { bins } } });
    assert.partialDeepStrictEqual(tile, { scenes: 6, bands: march.bands });
  });

  for (const [seasons, says] of [
    [{}, /seasons\.months: found nothing, allowed is an object by the numbers of months, "1" to "12"/],
    [{ months: { 13: MARCH } }, /seasons\.months\.?.*13/],
    [{ months: { 3: { classes: {} } } }, /seasons\.months\.3\.scenes: found nothing, allowed is a number above 0/],
    [
      { months: { 3: { ...MARCH, bands: { B4: { counts: [1], mean: 8 } } } } },
      /seasons\.months\.3\.bands\.B4\.counts: found \[1\], allowed is counts of the 2 bins/,
    ],
    [
      { months: {}, segments: { tile: { T33UUP: { classes: {} } } } },
      /seasons\.segments\.tile\.T33UUP\.scenes: found nothing, allowed is a number above 0/,
    ],
  ] as const)
    test(`is refused: ${JSON.stringify(seasons)}`, () => assert.throws(() => read(seasons), says));
});
