import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShownBand } from '../core/measures/bands/shownBands.ts';
import { document, elementOf } from '../test/benches/chart.ts';
import { bandsChart } from './bands.ts';

const bandOf = (band: string, more: Partial<ShownBand> = {}): ShownBand => ({
  band,
  chips: 300,
  jensenShannon: 0.1,
  noiseFloor: 0.15,
  wasserstein: 0.2,
  meanShift: 0.1,
  meanShiftNoise: 0.3,
  mean: 75.5,
  expectedMean: 76,
  expectedMeanNoise: 4,
  score: 0.1,
  verdict: 'no drift',
  range: [0, 255],
  shares: [0.2, 0.3, 0.5],
  reference: [0.3, 0.3, 0.4],
  ...more,
});

test('each band is drawn by itself, red only where it drifts, with a line for each bin of the profile', () => {
  const bands = [bandOf('B1'), bandOf('B2', { score: 0.62, verdict: 'drift' }), bandOf('a-very-long-band-name')];
  const svg = elementOf(bandsChart(bands, { document, width: 400 }));
  const rects = [...svg.querySelectorAll('rect')];
  assert.deepEqual([rects.length, svg.querySelectorAll('line').length], [9, 9]);
  const red = rects.filter((rect) => /chart-threshold/.test(rect.getAttribute('fill') ?? ''));
  assert.equal(red.length, 3);
  assert.equal(Number(svg.getAttribute('height')), 2 * 112, 'two in a row of 400 pixels');
  const heights = rects.slice(0, 3).map((rect) => Number(rect.getAttribute('height')));
  assert.ok(heights[0]! < heights[1]! && heights[1]! < heights[2]!);
  const texts = [...svg.querySelectorAll('text')].map(({ textContent }) => textContent);
  for (const text of ['B1', '0.620, drift', '0 to 255']) assert.ok(texts.includes(text), `${text} of ${texts}`);
});

test('a band without values, and no band, can be drawn', () => {
  const none = bandOf('B1', { score: null, verdict: 'not enough data', shares: [0, 0, 0] });
  for (const [bands, reading] of [
    [[none], 'Source bands: B1 no values'],
    [[], 'Source bands: '],
  ] as const)
    assert.equal(elementOf(bandsChart(bands, { document, width: 100 })).getAttribute('aria-label'), reading);
});
