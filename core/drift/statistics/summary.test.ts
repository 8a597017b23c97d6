import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarise } from './summary.ts';

test('shares of the finite predictions, and how many were not finite', () => {
  assert.deepEqual(summarise({ counts: [3, 1, 0], missing: 1, probabilitySum: 3 }), {
    n: 4,
    shares: [0.75, 0.25, 0],
    mostCommonShare: 0.75,
    missingShare: 0.2,
    meanProbability: 0.75,
  });
});

test('of one prediction', () => {
  assert.deepEqual(summarise({ counts: [0, 1], missing: 0, probabilitySum: 0.5 }), {
    ...{ n: 1, shares: [0, 1], mostCommonShare: 1, missingShare: 0, meanProbability: 0.5 },
  });
  assert.equal(summarise({ counts: [0, 0], missing: 1, probabilitySum: 0 }).missingShare, 1);
});

test('null where there is nothing to divide by', async (t) => {
  const nothing = { n: 0, shares: null, mostCommonShare: null, missingShare: null, meanProbability: null };
  await t.test('no chip classified', () => {
    assert.deepEqual(summarise({ counts: [0, 0], missing: 0, probabilitySum: 0 }), nothing);
  });
  await t.test('no finite output', () => {
    assert.deepEqual(summarise({ counts: [0, 0], missing: 5, probabilitySum: 0 }), { ...nothing, missingShare: 1 });
  });
});
