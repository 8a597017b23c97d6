import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { cohenKappa } from './cohenKappa.ts';
import { mcNemar } from './mcNemar.ts';

type Vectors = {
  kappa: { name: string; table: number[][]; kappa: number }[];
  mcNemar: { first: number; second: number; p: number }[];
};
const vectors: Vectors = JSON.parse(readFileSync(new URL('comparison.vectors.json', import.meta.url), 'utf8'));

function assertClose(found: number | null, expected: number, relative: number): void {
  assert.ok(found !== null && Math.abs(found - expected) <= relative * Math.abs(expected), `${found}, not ${expected}`);
}

describe("Cohen's kappa is scikit-learn's", () => {
  for (const { name, table, kappa } of vectors.kappa) test(name, () => assertClose(cohenKappa(table), kappa, 1e-12));

  test('there is none where both say the same one class of everything', () => {
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

  test('without a chip of which just one is right, both are equally good', () => assert.equal(mcNemar(0, 0), 1));
});
