import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { studentT } from '../../statistics/fQuantile.ts';
import { mcNemar } from '../../statistics/mcNemar.ts';
import { cohenKappa } from '../../tasks/confusion.ts';
import { accuracyDifference, type RightByOne, score } from './accuracyDifference.ts';
import { makeErrorsOfBoth, mostWorse } from './errorDifference.ts';

type Vectors = {
  kappa: { name: string; table: number[][]; kappa: number }[];
  mcNemar: { first: number; second: number; p: number }[];
  paired: (RightByOne & { confidence: number; low: number; statistic: number })[];
  many: (RightByOne & { confidence: number; low: number })[];
  studentT: { p: number; degrees: number; t: number }[];
  errors: {
    name: string;
    truth: number[];
    first: number[];
    second: number[];
    meanAbsoluteErrors: [number, number];
    highs: { confidence: number; high: number }[];
  }[];
};
const vectors: Vectors = JSON.parse(readFileSync(new URL('comparison.vectors.json', import.meta.url), 'utf8'));

function assertClose(found: number | null, expected: number, relative: number): void {
  assert.ok(found !== null && Math.abs(found - expected) <= relative * Math.abs(expected), `${found}, not ${expected}`);
}

describe("Cohen's kappa is scikit-learn's", () => {
  for (const { name, table, kappa } of vectors.kappa) test(name, () => assertClose(cohenKappa(table), kappa, 1e-12));

  test('it is undefined if both predict the same single class for everything', () => {
    assert.equal(
      cohenKappa([
        [7, 0],
        [0, 0],
      ]),
      null,
    );
    assert.equal(cohenKappa([]), null);
  });
});

describe("McNemar's exact p-value is statsmodels'", () => {
  for (const { first, second, p } of vectors.mcNemar)
    test(`${first} and ${second}`, () => assertClose(mcNemar(first, second), p, 1e-9));

  // Counted: of 64 ways, 22 have at most two of six; of 8, 4 have at most one of three.
  test('is twice the share of the ways in which as few, or fewer, are right', () => {
    assertClose(mcNemar(4, 2), 44 / 64, 1e-12);
    assertClose(mcNemar(2, 1), 1, 1e-12);
  });

  test('it is 1 if there is no chip that exactly one version gets right', () => assert.equal(mcNemar(0, 0), 1));
});

describe('the lower limit of a difference of accuracies', () => {
  for (const { confidence, low, statistic, ...of } of vectors.paired) {
    const title = `${of.first} and ${of.second} of ${of.chips} at ${confidence}`;

    test(`${title}: is the one found by search of the likelihood`, () =>
      assert.ok(Math.abs(accuracyDifference(of, confidence).low - low) < 1e-7));

    test(`${title}: goes by a statistic that is statsmodels' McNemar at no difference`, () =>
      assert.ok(Math.abs(score(of, 0) ** 2 - statistic) < 1e-9));
  }

  for (const { confidence, low, ...of } of vectors.many)
    test(`${of.first} and ${of.second} of many: approaches that of statsmodels' mean difference`, () => {
      const found = accuracyDifference(of, confidence);
      assert.ok(Math.abs(found.low - low) < 2e-5, `${found.low}, not ${low}`);
      assert.equal(found.difference, (of.second - of.first) / of.chips);
    });

  test('is further from 0 with fewer chips if both versions are right on the same chips', () => {
    const z = 1.6448536269514722;
    for (const chips of [1, 20, 500]) {
      const { difference, low } = accuracyDifference({ first: 0, second: 0, chips }, 0.95);
      assert.equal(difference, 0);
      assertClose(low, -(z ** 2) / (chips + z ** 2), 1e-9);
    }
  });

  test('is -1 where the first is right on all chips and the second on none', () =>
    assertClose(accuracyDifference({ first: 44, second: 0, chips: 44 }, 0.95).low, -1, 1e-9));
});

describe("Student's t is scipy's", () => {
  for (const { p, degrees, t } of vectors.studentT)
    test(`at ${p}, of ${degrees} degrees of freedom`, () => assertClose(studentT(p, degrees), t, 1e-8));

  test('is 0 at one half', () => assert.equal(studentT(0.5, 3), 0));
});

describe('the upper limit of a difference of mean absolute errors', () => {
  for (const { name, truth, first, second, meanAbsoluteErrors, highs } of vectors.errors) {
    const errors = makeErrorsOfBoth();
    for (const [i, value] of truth.entries()) errors.add(Math.abs(first[i]! - value), Math.abs(second[i]! - value));
    const summary = errors.summary()!;

    test(`${name}: both errors are scikit-learn's`, () => {
      assertClose(summary.first, meanAbsoluteErrors[0], 1e-12);
      assertClose(summary.second, meanAbsoluteErrors[1], 1e-12);
    });
    for (const { confidence, high } of highs)
      test(`${name}: is that of scipy's paired t-test at ${confidence}`, () =>
        assert.ok(Math.abs(mostWorse(summary, confidence)! - high) < 1e-9 * Math.abs(high) + 1e-12));
  }

  test('is the difference itself if both versions have the same error on each chip', () => {
    const errors = makeErrorsOfBoth();
    for (const off of [1, 2, 3]) errors.add(off, off);
    assert.equal(mostWorse(errors.summary()!, 0.99), 0);
  });

  test('is null for a single chip, and there is no summary without chips', () => {
    const errors = makeErrorsOfBoth();
    assert.equal(errors.summary(), null);
    errors.add(1, 5);
    assert.equal(mostWorse(errors.summary()!, 0.95), null);
  });
});
