import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fewNames, largest } from './largest.ts';

const named = (counts: number[]) => counts.map((count, i) => ({ name: `c${i}`, count, share: count / 1000 }));

describe('largest', () => {
  test('keeps the ten largest of 500 entries, in their order, and adds the sums of the others as one entry', () => {
    const all = named(Array.from({ length: 500 }, (_, i) => (i % 50 === 7 ? 90 + i : 1)));
    const shown = largest(all, ({ count }) => count);
    const names = [7, 57, 107, 157, 207, 257, 307, 357, 407, 457].map((i) => `c${i}`);
    assert.deepEqual(
      shown.map(({ name }) => name),
      [...names, 'others (490)'],
    );
    const { count, share } = shown.at(-1)!;
    assert.deepEqual([count, share.toFixed(6)], [490, '0.490000']);
  });

  test('leaves sixteen entries as they are, and also an empty list', () => {
    for (const all of [named(new Array(16).fill(3)), []])
      assert.deepEqual(
        largest(all, ({ count }) => count),
        all,
      );
  });

  test('of 500 names, the first ten are shown with the number of the others', () => {
    const names = named(new Array(500).fill(0)).map(({ name }) => name);
    assert.deepEqual(fewNames(names), [...names.slice(0, 10), 'others (490)']);
  });
});
