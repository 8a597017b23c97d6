import assert from 'node:assert/strict';
import { test } from 'node:test';
import { document, elementOf } from '../test/benches/chart.ts';
import { type EstimatedDay, estimateChart } from './estimate.ts';

const estimate = { value: 0.8, samplingError: 0.02, interval: [0.74, 0.86] as [number, number] };
const days: EstimatedDay[] = [
  { day: '2026-04-01', estimate, realised: { share: 0.78, chips: 120 } },
  { day: '2026-04-02', estimate, realised: null },
  { day: '2026-04-04', estimate: null, realised: { share: 0.4, chips: 90 } },
];

test('a day has its estimate with its interval, and what came true of it, each where there is one', () => {
  const svg = elementOf(estimateChart(days, { document }));
  const [first] = [...svg.querySelectorAll('[aria-label="rect"] rect')];
  const height = Number(svg.getAttribute('height')) - 14 - 28;
  assert.equal(svg.querySelectorAll('[aria-label="rect"] rect').length, 2);
  assert.ok(Math.abs(Number(first!.getAttribute('height')) - 0.12 * height) < 0.01);
  assert.equal(svg.querySelectorAll('[aria-label="rule"] line').length, 2);
  assert.equal(svg.querySelectorAll('[aria-label="dot"] > *').length, 2);
});

test('versions of one day have their own colours', () => {
  const two = ['1.0.0', '1.1.0'].map((version) => ({ ...days[0]!, version }));
  const svg = elementOf(estimateChart(two, { document }));
  const colours = [...svg.querySelectorAll('[aria-label="rect"] rect')].map((one) => one.getAttribute('fill'));
  assert.equal(new Set(colours).size, 2);
});

test('it is described in words, and days without estimate or truth can be drawn', () => {
  const readingOf = (shown: EstimatedDay[]) =>
    String(elementOf(estimateChart(shown, { document, width: 100 })).getAttribute('aria-label'));
  assert.equal(
    readingOf([days[0]!, { ...days[1]!, version: '1.1.0' }]).replaceAll('\u00a0', ' '),
    'Accuracy of each day: 2026-04-01: estimated 80 % (74 % to 86 %), right 78 % of 120; 2026-04-02 by 1.1.0: estimated 80 % (74 % to 86 %)',
  );
  for (const none of [[], [{ day: '2026-04-01', estimate: null, realised: null }]])
    assert.equal(readingOf(none), 'Estimated accuracy: no day has any');
});
