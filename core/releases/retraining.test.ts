import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isHeldOut, newTruths, refusalOf } from './retraining.ts';

describe('a retrained version', () => {
  const right = (first: number, second: number) => ({ chips: 100, both: 10, first, second, p: 1 });
  const errors = (first: number, second: number) => ({ chips: 100, first, second, difference: 0, deviation: 0 });
  const both = { comparison: { chips: 100, alone: { first: 0, second: 0 }, rightByOne: right(5, 6), errors: null } };
  const good = { ...both, said: new Set(['a', 'b']), truths: new Set(['a', 'b']) };

  for (const [title, of, why] of [
    ['is right more often is not refused', good, null],
    [
      'is right less often is refused',
      { ...good, comparison: { ...good.comparison, rightByOne: right(6, 5) } },
      'Of 100 held-out chips it has 15 right, and 1.0.0, which is live, 16.',
    ],
    [
      'is further off is refused',
      { ...good, comparison: { ...good.comparison, rightByOne: null, errors: errors(1, 1.5) } },
      'Its mean absolute error over 100 held-out chips is 1.5, and that of 1.0.0, which is live, 1.',
    ],
    [
      'says the same of all is refused',
      { ...good, said: new Set(['a']) },
      'It says a of each of the 100 held-out chips, of which the truth says 2 different things.',
    ],
    [
      'says the same of all, which is true, is not refused',
      { ...good, said: new Set(['a']), truths: new Set(['a']) },
      null,
    ],
    [
      'leaves chips out is refused, however right the others are',
      { ...good, comparison: { ...good.comparison, chips: 3, alone: { first: 97, second: 0 } } },
      'It predicts 3 held-out chips, and 1.0.0, which is live, 100.',
    ],
    [
      'predicts nothing is refused',
      {
        ...good,
        comparison: { ...good.comparison, chips: 0, rightByOne: null, errors: null },
        said: new Set<string>(),
      },
      'It has no finite prediction for any held-out chip.',
    ],
  ] as const)
    test(`that ${title}`, () => assert.equal(refusalOf(of, '1.0.0'), why));
});

test('truths are new by day, so that those that leave the window hide none', () => {
  assert.equal(newTruths({ '2026-03-02': 5, '2026-03-03': 7 }), 12);
  assert.equal(newTruths({ '2026-03-02': 5, '2026-03-03': 7 }, { '2026-01-01': 900, '2026-03-02': 4 }), 8);
});

test('the share of scenes that are held out is the one that is asked for, and a larger one holds out the same ones and more', () => {
  const keys = Array.from({ length: 10_000 }, (_, i) => `2026/scene-${i}.tif`);
  const [fifth, half] = [0.2, 0.5].map((share) => new Set(keys.filter((key) => isHeldOut(key, share))));
  assert.ok(Math.abs(fifth!.size / keys.length - 0.2) < 0.02);
  assert.ok([...fifth!].every((key) => half!.has(key)));
});
