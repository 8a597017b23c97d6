import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarise } from './summary.ts';

test('shares of the finite predictions, and how many were not finite', () => {
  assert.deepEqual(summarise([3, 1, 0], 1), { n: 4, shares: [0.75, 0.25, 0], missingShare: 0.2 });
});

test('of one prediction', () => {
  assert.deepEqual(summarise([0, 1], 0), { n: 1, shares: [0, 1], missingShare: 0 });
});

test('null where there is nothing to divide by', async (t) => {
  await t.test('no chip classified', () => {
    assert.deepEqual(summarise([0, 0], 0), { n: 0, shares: null, missingShare: null });
  });
  await t.test('no finite output', () => {
    assert.deepEqual(summarise([0, 0], 5), { n: 0, shares: null, missingShare: 1 });
  });
});
