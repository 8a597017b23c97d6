import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { document, elementOf } from '../test/benches/chart.ts';
import { type Score, scoreChart } from './score.ts';

const SCORES: { name: string; score: Score; isRed: boolean }[] = [
  { name: 'within', score: { jensenShannon: 0.13, noiseFloor: 0.05, threshold: 0.25 }, isRed: false },
  { name: 'beyond', score: { jensenShannon: 0.41, noiseFloor: 0.05, threshold: 0.25 }, isRed: true },
  {
    name: 'beyond, but chance reaches it too',
    score: { jensenShannon: 0.3, noiseFloor: 0.31, threshold: 0.25 },
    isRed: false,
  },
  {
    name: 'as far as chance can reach',
    score: { jensenShannon: 0.6, noiseFloor: 0.8326, threshold: 0.25 },
    isRed: false,
  },
  { name: 'as far as can be', score: { jensenShannon: 0.8326, noiseFloor: 0.01, threshold: 0.25 }, isRed: true },
];

describe('the bar of a drift score', () => {
  for (const { name, score, isRed } of SCORES)
    test(`${name}: the score, the noise floor and the threshold on one scale, red only where it is drift`, () => {
      const svg = elementOf(scoreChart(score, { document, width: 400 }));
      const [whole, floor, bar] = [...svg.querySelectorAll('rect')].map((rect) => Number(rect.getAttribute('width')));
      const line = Number(svg.querySelector('line')!.getAttribute('x1')) - 4;
      assert.ok(Math.max(floor!, bar!, line) < whole!, 'all of them are within the scale');
      assert.ok(Math.abs(bar! / floor! - score.jensenShannon / score.noiseFloor) < 1e-6);
      assert.ok(Math.abs(line / bar! - score.threshold / score.jensenShannon) < 1e-6);
      assert.equal(/chart-threshold/.test(String(svg.querySelectorAll('g')[2]?.getAttribute('fill'))), isRed);
      const words = [...svg.querySelectorAll('text')].find(({ textContent }) => textContent.startsWith('noise floor'))!;
      const [, middle] = /translate\(([\d.]+)/.exec(String(words.getAttribute('transform')))!;
      assert.ok(
        Number(middle) >= 48 && Number(middle) <= 400 - 48,
        'there is room for half of the words on both sides',
      );
      const texts = [...svg.querySelectorAll('text')].map(({ textContent }) => textContent);
      assert.ok(texts.includes(score.jensenShannon.toFixed(3)) && texts.includes(`threshold ${score.threshold}`));
    });
});
