import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHTML } from 'linkedom';
import type { AccuracyEstimate } from '../../core/statistics/calibration/estimateAccuracy.ts';
import type { Report } from '../report.ts';
import { calibrationSection } from './accuracy.ts';

const estimate: AccuracyEstimate = { value: 0.8, samplingError: 0.02, interval: [0.74, 0.86] };
const calibration = {
  chips: 104,
  error: 0.05,
  bins: [
    { from: 0.4, to: 7 / 15, chips: 4, probability: 0.45, share: 0.5 },
    { from: 14 / 15, to: 1, chips: 100, probability: 0.98, share: 0.93 },
  ],
};
const accuracy = { calibration } as Report['accuracy'];
const days = [{ day: '2026-03-01', runs: 1, n: 79, drift: null, estimate, realised: { share: 0.6, chips: 79 } }];

function textOf(report: Pick<Report, 'accuracy' | 'days'> & { estimate?: AccuracyEstimate }) {
  const section = calibrationSection(report as Report);
  if (section === false) return null;
  const { document } = parseHTML(`<main>${section.html}</main>`);
  const images = [...document.querySelectorAll('[role="img"]')].map((image) => image.getAttribute('aria-label'));
  return { text: document.querySelector('main')!.textContent.replaceAll('\u00a0', ' '), images };
}

test('a day shows what is estimated without truth, what that assumes, and what turned out', () => {
  const { text, images } = textOf({ accuracy: null, estimate, days })!;
  assert.match(text, /By its probabilities, the model is right for 80 % of this day's predictions \(74 % to 86 %\)\./);
  assert.match(text, /assumes that the probabilities are calibrated for what comes now, .* \(no concept drift\)/);
  assert.deepEqual(
    images.map((label) => label!.replaceAll('\u00a0', ' ')),
    ['Accuracy of each day: 2026-03-01: estimated 80 % (74 % to 86 %), right 60 % of 79'],
  );
});

test('where truth is known, there is the reliability with the numbers of each bin', () => {
  const { text, images } = textOf({ accuracy, days: [] })!;
  assert.match(text, /The calibration error is 0\.050 over 104 chips whose truth is known\./);
  assert.match(text, /93 % to 100 %100 ?98 %93 %/);
  assert.equal(images.length, 1);
});

test('the section is missing if neither is known', () => {
  assert.equal(textOf({ accuracy: null, days }), null);
});
