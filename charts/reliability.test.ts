import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Calibration } from '../core/statistics/calibration/calibration.ts';
import { document, elementOf } from '../test/benches/chart.ts';
import { reliabilityChart } from './reliability.ts';

const calibration: Calibration = {
  chips: 104,
  error: 0.05,
  bins: [
    { from: 0.4, to: 7 / 15, chips: 4, probability: 0.45, share: 0.5 },
    { from: 14 / 15, to: 1, chips: 100, probability: 0.98, share: 0.93 },
  ],
};

test('each bin has a bar of the share that is right, the wider the more chips, and the line where it should be', () => {
  const svg = elementOf(reliabilityChart(calibration, { document, width: 800 }));
  const bars = [...svg.querySelectorAll('[aria-label="rect"] rect')];
  const [few, many] = bars.map((bar) => ({
    width: Number(bar.getAttribute('width')),
    height: Number(bar.getAttribute('height')),
  }));
  assert.equal(bars.length, 2);
  assert.ok(many!.width > 4 * few!.width);
  assert.ok(Math.abs(few!.height / many!.height - 0.5 / 0.93) < 0.01);
  assert.equal(Number(svg.getAttribute('width')), 320, 'a square, however wide its place is');
  assert.equal(svg.querySelectorAll('[stroke-dasharray]').length, 1);
});

test('it is described in words', () => {
  assert.equal(
    String(elementOf(reliabilityChart(calibration, { document })).getAttribute('aria-label')).replaceAll('\u00a0', ' '),
    'Reliability of 104 chips, calibration error 0.050: 40 % to 47 %: 4 chips, mean probability 45 %, right 50 %; 93 % to 100 %: 100 chips, mean probability 98 %, right 93 %',
  );
});
