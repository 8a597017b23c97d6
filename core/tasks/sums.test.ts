import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTruths } from './sums.ts';

test('truths that are counted again replace the fields of their own counter, whatever these are called', () => {
  const sum = { counts: [2], missing: 0, answered: 2, truths: 7 };
  const nothing = { fields: ['answered'], add: () => {}, counts: () => ({}) };
  assert.deepEqual(withTruths(sum, [], nothing), { counts: [2], missing: 0, truths: 7 });
});
