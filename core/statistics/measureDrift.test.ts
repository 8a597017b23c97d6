import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { measureDrift } from './measureDrift.ts';
import vectors from './statistics.vectors.json' with { type: 'json' };

const REFERENCE = [6002, 1511, 1512, 975];

test('drift equals the results of scipy, Evidently and mpmath', async (t) => {
  for (const { name, counts, reference, ...expected } of vectors.cases) {
    await t.test(name, () => {
      const { jensenShannon, chiSquare, psi, noiseFloor, n } = measureDrift({ counts, reference })!;
      assertNear(jensenShannon, expected.jensenShannon, 1e-12);
      assertNear(psi, expected.psi, 1e-12);
      assertNear(noiseFloor, Math.min(expected.noiseFloor, Math.sqrt(Math.LN2)), 1e-12); // the greatest distance
      assert.equal(chiSquare.degreesOfFreedom, expected.degreesOfFreedom);
      if (expected.statistic === null) assert.equal(chiSquare.statistic, null);
      else assertNear(chiSquare.statistic!, expected.statistic, 1e-12);
      assertNear(chiSquare.pValue, expected.pValue, 1e-9);
      assert.equal(
        n,
        counts.reduce((sum, count) => sum + count),
      );
    });
  }
});

test('verdicts', async (t) => {
  const like = [48, 12, 11, 8];
  const unlike = [0, 0, 11, 68];
  const score = measureDrift({ counts: unlike, reference: REFERENCE })!.jensenShannon;
  const floor = measureDrift({ counts: unlike, reference: REFERENCE })!.noiseFloor;
  const cases: [name: string, counts: number[], threshold: number | undefined, verdict: string][] = [
    ['a window like the reference', like, undefined, 'no drift'],
    ['a window unlike it', unlike, undefined, 'drift'],
    ['a score at the threshold does not exceed it', unlike, score, 'no drift'],
    ['a score just above it does', unlike, score - 1e-15, 'drift'],
    ['a noise floor at the threshold', unlike, floor, 'not enough data'],
    ['a noise floor just below it', unlike, floor + 1e-15, 'drift'],
    ['22 predictions of four classes are never enough', [0, 0, 0, 22], undefined, 'not enough data'],
    ['23 predictions of four classes are enough', [0, 0, 0, 23], undefined, 'drift'],
    ['a single prediction is not enough', [1, 0, 0, 0], undefined, 'not enough data'],
  ];
  for (const [name, counts, threshold, verdict] of cases) {
    await t.test(name, () => {
      const window = { counts, reference: REFERENCE, ...(threshold && { threshold }) };
      assert.equal(measureDrift(window)!.verdict, verdict);
    });
  }
});

test('the result is null if nothing was predicted', () => {
  assert.equal(measureDrift({ counts: [0, 0, 0, 0], reference: REFERENCE }), null);
});

test('any counts give finite numbers, and a class absent on both sides does not change them', () => {
  const count = fc.oneof(fc.constant(0), fc.nat(20), fc.nat(1e9));
  const pairs = fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(pairs, fc.nat(12), (sides, at) => {
      const [counts, reference] = [sides.map(([observed]) => observed), sides.map(([, held]) => held)];
      fc.pre(reference.some((held) => held > 0));
      const drift = measureDrift({ counts, reference });
      const numbers = drift && [drift.jensenShannon, drift.psi, drift.noiseFloor, drift.n, drift.chiSquare.pValue];
      assert.ok(numbers === null || numbers.every((number) => Number.isFinite(number) && number >= 0));
      const unheard = sides.some(([observed, held]) => observed > 0 && held === 0);
      assert.equal(Number.isFinite(drift?.chiSquare.statistic), drift !== null && !unheard);

      const withAbsent = { counts: counts.toSpliced(at, 0, 0), reference: reference.toSpliced(at, 0, 0) };
      assert.deepEqual(measureDrift(withAbsent), drift);
    }),
    { seed: 1 },
  );
});

/** Relative to what is expected, so that an expected 0 is exactly 0. */
const assertNear = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance * expected, `${actual} is not ${expected}`);
