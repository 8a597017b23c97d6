import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inverseUpperGamma, upperGamma } from './incompleteGamma.ts';
import vectors from './statistics.vectors.json' with { type: 'json' };

const relativeError = (actual: number, expected: number) => Math.abs(actual - expected) / expected;

test('chi-square p-values for 1 to 999 degrees of freedom, from 1 down to 1e-300, equal mpmath', () => {
  for (const [degreesOfFreedom = 0, statistic = 0, pValue = 0] of vectors.tails) {
    const error = relativeError(upperGamma(degreesOfFreedom / 2, statistic / 2), pValue);
    assert.ok(error < 1e-11, `${degreesOfFreedom} degrees of freedom, chi-square ${statistic}: off by ${error}`);
  }
  assert.ok(vectors.tails.some(([, , pValue = 1]) => pValue < 1e-290));
});

test('chi-square quantiles equal mpmath', () => {
  for (const [degreesOfFreedom = 0, probability = 0, quantile = 0] of vectors.quantiles) {
    const error = relativeError(2 * inverseUpperGamma(degreesOfFreedom / 2, probability), quantile);
    assert.ok(error < 1e-13, `${degreesOfFreedom} degrees of freedom, probability ${probability}: off by ${error}`);
  }
});

test('the limits are 1 at 0 and 0 at the largest doubles, and no value is outside of them', () => {
  assert.equal(upperGamma(0.5, 0), 1);
  assert.equal(upperGamma(0.5, Number.MIN_VALUE), 1);
  assert.equal(upperGamma(1.5, 800), 0);
  assert.equal(upperGamma(1.5, Number.MAX_VALUE), 0);
});
