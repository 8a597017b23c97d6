import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activated, softmaxRows } from './activation.ts';

/** scipy.special.expit(2), scipy 1.17.1 */
const SIGMOID_2 = 0.8807970779778823;

test('each row becomes probabilities', () => {
  const values = Float64Array.of(1, 2, 3, 0, 0, 0);
  softmaxRows(values, 3);
  // scipy.special.softmax([1, 2, 3]), scipy 1.17.1
  const expected = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218, 1 / 3, 1 / 3, 1 / 3];
  for (const [i, value] of values.entries()) assert.ok(Math.abs(value - expected[i]!) < 1e-15);
});

test('a single number for two classes becomes both probabilities, calibrated as two logits would be', () => {
  const binary = { activation: 'sigmoid', isBinary: true } as const;
  assert.deepEqual([...activated(Float64Array.of(0, 2), 1, binary)], [0.5, 0.5, 1 - SIGMOID_2, SIGMOID_2]);
  assert.deepEqual([...activated(Float64Array.of(0.25), 1, { ...binary, activation: null })], [0.75, 0.25]);
  const [first, second] = activated(Float64Array.of(4), 1, { ...binary, temperature: 2 });
  assert.ok(Math.abs(second! - SIGMOID_2) < 1e-15 && Math.abs(first! + second! - 1) < 1e-15);
});

test('large logits do not overflow, and a NaN affects only its own row', () => {
  const values = Float32Array.of(1000, 0, NaN, 0, -1000, -1000, Infinity, 0);
  softmaxRows(values, 2);
  assert.deepEqual([...values], [1, 0, NaN, NaN, 0.5, 0.5, NaN, NaN]);
});
