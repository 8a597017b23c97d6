import assert from 'node:assert/strict';
import { test } from 'node:test';
import { document, elementOf } from '../test/benches/chart.ts';
import { type StepTime, stepsChart, stepTimes } from './steps.ts';

test('the steps of a run follow one another, each as long as it took', () => {
  const steps: StepTime[] = [
    { step: 'preprocess', milliseconds: 100, isBetween: false },
    { step: 'infer', milliseconds: 300, isBetween: false },
    { step: 'in between', milliseconds: 20, isBetween: true },
  ];
  const svg = elementOf(stepsChart(steps, { document }));
  const bars = [...svg.querySelectorAll('[aria-label="bar"] rect')].map((rect) => ({
    x: Number(rect.getAttribute('x')),
    width: Number(rect.getAttribute('width')),
  }));
  assert.equal(bars.length, 3);
  assert.ok(Math.abs(bars[1]!.width / bars[0]!.width - 3) < 1e-6);
  for (const i of [1, 2]) assert.ok(Math.abs(bars[i]!.x - bars[i - 1]!.x - bars[i - 1]!.width) < 1e-6);
  const texts = [...svg.querySelectorAll('text')].map(({ textContent }) => textContent.replaceAll('\u00a0', ' '));
  for (const text of ['preprocess', 'in between', '300 ms', '20 ms']) assert.ok(texts.includes(text), text);
});

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
