import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePostProcessing } from './postProcessing.ts';

for (const [expression, activation, temperature, threshold] of [
  ['softmax', 'softmax', null, null],
  ['argmax', null, null, null],
  ['softmax, argmax', 'softmax', null, null],
  ['sigmoid, threshold(0.4)', 'sigmoid', null, 0.4],
  ['threshold(.4)', null, null, 0.4],
  ['temperature(1.7)', null, 1.7, null],
  ['softmax, temperature(0.05)', 'softmax', 0.05, null],
  ['softmax,temperature(20),argmax', 'softmax', 20, null],
] as const)
  test(`"${expression}" is read`, () => {
    assert.deepEqual(parsePostProcessing(expression), { activation, temperature, threshold });
  });

for (const expression of [
  '',
  'softmax, softmax',
  'softmax, threshold(0.5)',
  'threshold(1.5)',
  'temperature(0.04)',
  'temperature(20.1)',
  'temperature(0)',
  'temperature(-1)',
  'temperature(1e1)',
  'temperature()',
  'temperature(2), softmax',
  'temperature(2), threshold(0.5)',
  'temperature(2), temperature(2)',
  'temperature(2), argmax, argmax',
])
  test(`"${expression}" is refused`, () => {
    assert.equal(parsePostProcessing(expression), undefined);
  });
