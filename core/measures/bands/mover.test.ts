import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import type { BandSum } from './bandSum.ts';
import { bandsExpected, furthestBand } from './expected.ts';
import { type BandDrift, measureBands } from './measureBands.ts';

const COUNTS = [100, 300, 600, 300, 100];
const ofBand = { edges: [0, 4, 8, 12, 16, 20], counts: COUNTS, chips: 1400, mean: 10, deviation: 4 };
const profile = ['B1', 'B2'].map((name, source) => ({
  ...{ name, source, ...ofBand },
  ...{ betweenChips: 2, valuesPerChip: 1, degreesOfFreedom: 1 },
}));
const furthest = { alone: [2, 2], together: [2, 2] };
const joint = { bands: [0, 1], means: [10, 10], covariance: [[4], [3.9, 4]], scenes: 1000, chips: 100, furthest };
const model = { ...modelOf([{ name: 'water', value: 0 }]), profile, bandMeans: joint };

const sumOf = (mean: number, counts = COUNTS, chips = 100): BandSum => {
  const spread = { mean, squares: 4 * chips, chipMean: mean, chipSquares: 4 * chips };
  return { chips, nodata: 0, counts: [0, ...counts, 0], ...spread, minimum: 0, maximum: 20 };
};
const UNLIKE = [700, 0, 0, 0, 700];
const drift = (band: string, more: Partial<BandDrift>): BandDrift => ({
  ...measureBands([sumOf(10), sumOf(10)], { profile }, { threshold: 0.25, minimum: 1 }, 50)[0]!,
  ...{ band, verdict: 'drift', expectedMean: null, expectedMeanNoise: null, ...more },
});

test('the file that contributed most to a band that drifts is the one that moved as the band did', () => {
  const innocent = { bands: [sumOf(10, UNLIKE, 200), sumOf(10)] };
  const guilty = { bands: [sumOf(7), sumOf(10)] };
  for (const [most, said] of [
    [{ mean: 9, expectedMean: 10, expectedMeanNoise: 0.5 }, /^its mean is 3\S* below what its other bands let expect$/],
    [
      { meanShift: -0.4, meanShiftNoise: 0.2, score: 0.33, jensenShannon: 0.1 },
      /^its mean is 0\.75 standard dev.* below/,
    ],
  ] as const) {
    const { pull, there } = bandsExpected.mover({ bandDrift: [drift('B1', most)] }, model)!;
    assert.ok(pull(guilty) > pull(innocent), `${pull(guilty)} and ${pull(innocent)}`);
    assert.match(there(guilty), said);
    assert.equal(Math.abs(pull({})), 0);
  }
  const far = { mean: 10, meanShift: 0, score: 0.4, jensenShannon: 0.4 };
  const { pull } = bandsExpected.mover({ bandDrift: [drift('B1', far)] }, model)!;
  assert.ok(pull(innocent) > pull(guilty), 'of a band whose values are distributed differently');
});

test('the furthest band is one that drifts, if any does, by its score', () => {
  const bands = [
    drift('B1', { verdict: 'not enough data', score: 0.6 }),
    drift('B2', { score: 0.3, jensenShannon: 0.28 }),
    drift('B3', { score: 0.5, jensenShannon: 0.1 }),
  ];
  assert.equal(furthestBand(bands)?.band, 'B3');
  assert.equal(furthestBand(bands.slice(0, 1))?.band, 'B1');
  assert.equal(furthestBand([]), undefined);
});
