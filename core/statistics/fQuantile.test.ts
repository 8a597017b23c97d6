import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fQuantile, studentT } from './fQuantile.ts';

/** scipy.stats.f.isf(q, d1, d2), scipy 1.16. */
const SCIPY: readonly [d1: number, d2: number, q: number, value: number][] = [
  [3, 10, 0.01, 6.552312557515208],
  [1, 4, 0.05, 7.708647422176786],
  [2.5, 180.3, 0.001, 6.2833868824384735],
  [11, 3, 0.01, 27.132566791409097],
  [0.7, 55, 1e-4, 22.839914344647674],
  [4, 1e5, 0.01, 3.319363187037178],
];

for (const [d1, d2, q, value] of SCIPY)
  test(`F with ${d1} and ${d2} degrees of freedom exceeds ${value.toFixed(4)} in a share ${q} of cases`, () =>
    assert.ok(Math.abs(fQuantile(d1, d2, q) / value - 1) < 1e-10, `${fQuantile(d1, d2, q)}`));

test("Student's t is infinite with too few degrees of freedom for a number, and without any", () => {
  assert.deepEqual(
    [1 / 500, 1e-6, 0].map((degrees) => studentT(0.975, degrees)),
    [Infinity, Infinity, Infinity],
  );
  assert.ok(Number.isFinite(studentT(0.975, 1 / 100)));
});
