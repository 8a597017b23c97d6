import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbersOf } from './numbers.ts';

test('the numbers are the most common share and the mean probability of the predicted classes', () => {
  const numbers = { mostCommonShare: 0.75, meanProbability: 0.75 };
  assert.deepEqual(numbersOf({ counts: [3, 1, 0], probabilitySum: 3 }), numbers);
  assert.deepEqual(numbersOf({ counts: [0, 1], probabilitySum: 0.5 }), { mostCommonShare: 1, meanProbability: 0.5 });
});

test('of a package with a threshold, the share of the unsure chips is one of them', () => {
  assert.equal(numbersOf({ counts: [3, 1, 0], probabilitySum: 3, unsure: 1 }).unsureShare, 0.25);
  assert.equal('unsureShare' in numbersOf({ counts: [0, 0], probabilitySum: 0, unsure: 0 }), false);
});

test('the numbers are null if nothing was predicted', () => {
  const nothing = { mostCommonShare: null, meanProbability: null };
  assert.deepEqual(numbersOf({ counts: [0, 0], probabilitySum: 0 }), nothing);
});
