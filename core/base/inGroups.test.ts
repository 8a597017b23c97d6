import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inGroups } from './inGroups.ts';

test('items are grouped in their order, within every limit, and one that is too large alone', () => {
  const groupsOf = (sizes: number[], most: number, mostItems: number) =>
    inGroups(sizes, [mostItems, most], (size) => [1, size]);
  assert.deepEqual(groupsOf([], 10, 3), []);
  assert.deepEqual(groupsOf([4, 6, 1], 10, 3), [[4, 6], [1]]);
  assert.deepEqual(groupsOf([1, 1, 1, 1], 10, 3), [[1, 1, 1], [1]]);
  assert.deepEqual(groupsOf([11, 10, 0, 12, 1], 10, 3), [[11], [10, 0], [12], [1]]);
});
