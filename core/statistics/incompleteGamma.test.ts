import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('two degrees of freedom have the closed form exp(-x)', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 690, noNaN: true }), (x) => {
      assert.ok(relativeError(upperGamma(1, x), Math.exp(-x)) < 1e-12);
    }),
    { seed: 1 },
  );
});

test('Q(a + 1, x) = Q(a, x) + x^a e^-x / Γ(a + 1), across the change of methods', () => {
  const halves = fc.integer({ min: 1, max: 40 }).map((n) => n / 2);
  fc.assert(
    fc.property(halves, fc.double({ min: 0.01, max: 60, noNaN: true }), (a, x) => {
      const step = (x ** a * Math.exp(-x)) / factorial(a);
      assert.ok(relativeError(upperGamma(a, x) + step, upperGamma(a + 1, x)) < 1e-12);
    }),
    { seed: 1 },
  );
});

/** Γ(a + 1) for a whole or half a. */
const factorial = (a: number): number => {
  if (a === 0) return 1;
  return a < 0 ? Math.sqrt(Math.PI) : a * factorial(a - 1);
};
