import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jensenShannonDistance } from './jensenShannon.ts';

/** Two lists of counts over the same classes, neither of them all 0. */
const twoSides = fc
  .array(fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)), { minLength: 1, maxLength: 12 })
  .map((pairs) => [pairs.map(([p]) => p), pairs.map(([, q]) => q)] as const)
  .filter((sides) => sides.every((counts) => counts.some((count) => count > 0)));

test("the examples in scipy's documentation give the same distances", () => {
  assert.ok(Math.abs(jensenShannonDistance([1, 0], [0.5, 0.5]) - 0.46450140402245893) < 1e-15);
  assert.equal(jensenShannonDistance([1, 0, 0], [1, 0, 0]), 0);
  assert.equal(jensenShannonDistance([1, 0, 0], [0, 1, 0]), Math.sqrt(Math.LN2));
});

test('counts and their shares give the same distance', () => {
  assert.equal(jensenShannonDistance([1, 3], [500, 500]), jensenShannonDistance([0.25, 0.75], [0.5, 0.5]));
});

test('two nearly identical distributions have distance 0 where rounding makes scipy return NaN', () => {
  assert.equal(jensenShannonDistance([156_000_001, 343_999_999], [156, 344]), 0);
});

test('the distance is symmetric, from 0 to √ln 2, and 0 for a multiple of the same counts', () => {
  fc.assert(
    fc.property(twoSides, fc.integer({ min: 1, max: 1000 }), ([p, q], times) => {
      const distance = jensenShannonDistance(p, q);
      assert.equal(distance, jensenShannonDistance(q, p));
      assert.ok(distance >= 0 && distance <= Math.sqrt(Math.LN2) + Number.EPSILON, `${distance}`);
      assert.equal(
        jensenShannonDistance(
          p.map((count) => count * times),
          p,
        ),
        0,
      );
    }),
    { seed: 1 },
  );
});
