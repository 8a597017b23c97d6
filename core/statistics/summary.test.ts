import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarise } from './summary.ts';

test('a summary has the shares of finite predictions, and the share of non-finite ones', () => {
  assert.deepEqual(summarise([3, 1, 0], 1), { n: 4, shares: [0.75, 0.25, 0], missingShare: 0.2 });
});

test('shares are null if there is nothing to divide by', async (t) => {
  await t.test('no chip classified', () => {
    assert.deepEqual(summarise([0, 0], 0), { n: 0, shares: null, missingShare: null });
  });
  await t.test('no finite output', () => {
    assert.deepEqual(summarise([0, 0], 5), { n: 0, shares: null, missingShare: 1 });
  });
});
