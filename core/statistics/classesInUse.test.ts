import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classesInUse } from './classesInUse.ts';

test('a class absent on both sides is left out, one absent on one side stays', () => {
  assert.deepEqual(classesInUse([3, 0, 0, 1], [0, 0, 2, 6]), {
    observed: { counts: [3, 0, 1], total: 4, shares: [0.75, 0, 0.25] },
    reference: { counts: [0, 2, 6], total: 8, shares: [0, 0.25, 0.75] },
  });
});

test('counts that cannot be compared are refused, with the side and its counts in the error', () => {
  const refused: [observed: number[], reference: number[], message: RegExp][] = [
    [[1, 2], [1, 2, 3], /^2 observed classes, 3 in the reference/],
    [[0, 0], [1, 2], /^observed counts \[0, 0\]: expected .* sum above 0$/],
    [[1, 2], [0, 0], /^reference counts \[0, 0\]/],
    [[], [], /^observed counts \[\]/],
    [[5, -1], [1, 2], /^observed counts \[5, -1\]/],
    [[1, 2], [1, Number.NaN], /^reference counts \[1, NaN\]/],
    [[1, Number.POSITIVE_INFINITY], [1, 2], /^observed counts \[1, Infinity\]/],
  ];
  for (const [observed, reference, message] of refused) {
    assert.throws(() => classesInUse(observed, reference), { name: 'RangeError', message });
  }
});
