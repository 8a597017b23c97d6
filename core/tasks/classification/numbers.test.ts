import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbersOf } from './numbers.ts';

test('the most common share, and how probable the predicted classes are', () => {
  const numbers = { mostCommonShare: 0.75, meanProbability: 0.75 };
  assert.deepEqual(numbersOf({ counts: [3, 1, 0], probabilitySum: 3 }), numbers);
  assert.deepEqual(numbersOf({ counts: [0, 1], probabilitySum: 0.5 }), { mostCommonShare: 1, meanProbability: 0.5 });
});

test('null where nothing was predicted', () => {
  const nothing = { mostCommonShare: null, meanProbability: null };
  assert.deepEqual(numbersOf({ counts: [0, 0], probabilitySum: 0 }), nothing);
});
