import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quantile } from './quantile.ts';

/** The slow, obvious way. */
function bySorting(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

const share = fc.oneof(fc.constantFrom(0, 0.02, 0.5, 0.98, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const few = fc.integer({ min: -3, max: 3 }); // so that many are equal
const number = fc.oneof(few, fc.integer(), fc.double({ min: -1e300, max: 1e300, noNaN: true }));

test('a quantile equals that of the sorted values, and no value is lost', () => {
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 60 }), share, (values, share) => {
      const [given, sorted] = [Float64Array.from(values), Float64Array.from(values).sort()];
      assert.ok(quantile(given, share) === bySorting(values, share));
      assert.deepEqual(given.sort(), sorted);
    }),
    { numRuns: 500 },
  );
});

test('quantiles are also right for sorted, reversed and identical values', () => {
  for (const values of [
    Array.from({ length: 1000 }, (_, i) => i),
    Array.from({ length: 1000 }, (_, i) => 1000 - i),
    Array.from({ length: 1000 }, () => 7),
  ])
    for (const share of [0, 0.02, 0.98, 1])
      assert.equal(quantile(Float64Array.from(values), share), bySorting(values, share));
});

test('the quantile of no values is NaN', () => {
  assert.equal(quantile(new Float64Array(), 0.5), Number.NaN);
});
