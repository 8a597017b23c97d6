import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepTimes } from './stepTimes.ts';

const error = { name: 'Error', message: 'it broke', step: 'Infer', attempt: 1, at: '2026-04-01T00:00:00.000Z' };

test("a run's time: its steps in order, and the waiting between them", () => {
  assert.deepEqual(stepTimes({ milliseconds: { preprocess: 100, infer: 200, drift: 50, total: 360 } }), [
    { step: 'preprocess', milliseconds: 100, isBetween: false },
    { step: 'infer', milliseconds: 200, isBetween: false },
    { step: 'drift', milliseconds: 50, isBetween: false },
    { step: 'in between', milliseconds: 10, isBetween: true },
  ]);
});

test('of a run that failed, the rest is what it took until then', () => {
  assert.deepEqual(stepTimes({ milliseconds: { preprocess: 100, total: 160 }, error }), [
    { step: 'preprocess', milliseconds: 100, isBetween: false },
    { step: 'until it failed', milliseconds: 60, isBetween: true },
  ]);
});

test('no time, no step; steps that overlap the whole leave no rest', () => {
  assert.deepEqual(stepTimes({}), []);
  assert.deepEqual(stepTimes({ milliseconds: { preprocess: 100, total: 100 } }).length, 1);
});
