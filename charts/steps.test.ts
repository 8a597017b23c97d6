import assert from 'node:assert/strict';
import { test } from 'node:test';
import { document, elementOf } from '../test/benches/chart.ts';
import { type StepTime, stepsChart } from './steps.ts';

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
