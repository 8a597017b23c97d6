import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fQuantile, regularisedBeta, studentT } from './fQuantile.ts';

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

/** scipy.stats.t.ppf(p, 4), scipy 1.17.1. */
const OF_FIVE_EQUAL: readonly [p: number, value: number][] = [
  [0.975, 2.7764451051977934],
  [0.995, 4.604094871349992],
  [0.9999, 13.033671720896821],
];

for (const [p, value] of OF_FIVE_EQUAL)
  test(`Student's t at ${p} of five equal units is ${value.toFixed(4)}, however their number is rounded`, () => {
    for (let ulps = -20; ulps <= 20; ulps += 1) {
      const t = studentT(p, 4 + ulps * 2 ** -51);
      assert.ok(Math.abs(t / value - 1) < 1e-13, `${ulps} ulps: ${t}`);
    }
  });

test("Student's t of more degrees of freedom than rounding leaves of F is that of ever more: scipy.stats.t.ppf(0.975, degrees)", () => {
  for (const [degrees, value] of [
    [1e6, 1.959966356814107],
    [1e8, 1.9599640082627663],
    [1e9, 1.959963986912325],
    [1e300, 1.9599639845400538],
    [Infinity, 1.9599639845400538],
  ] as const)
    assert.ok(Math.abs(studentT(0.975, degrees) / value - 1) < 3e-8, `${degrees}: ${studentT(0.975, degrees)}`);
});

test('the incomplete beta function is continuous where it changes sides', () => {
  for (const [a, b] of [
    [2, 0.5],
    [0.5, 2],
    [3, 3],
    [7.3, 41.9],
    [150, 2.5],
  ] as const)
    for (let ulps = -20; ulps <= 20; ulps += 1) {
      const x = ((a + 1) / (a + b + 2)) * (1 + ulps * Number.EPSILON);
      const [here, below, above] = [x, x - 1e-9, x + 1e-9].map((at) => regularisedBeta(at, a, b));
      assert.ok(below! < here! && here! < above!, `${a}, ${b} at ${x}`);
    }
});

test("Student's t is infinite with too few degrees of freedom for a number, and without any", () => {
  assert.deepEqual(
    [1 / 500, 1e-6, 0].map((degrees) => studentT(0.975, degrees)),
    [Infinity, Infinity, Infinity],
  );
  assert.ok(Number.isFinite(studentT(0.975, 1 / 100)));
});
