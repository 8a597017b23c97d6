import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { labelledChips } from '../cli/models/labelledChips.ts';
import { readPackage } from '../cli/models/publishModel.ts';
import { conformalThreshold, predictionSet } from '../core/statistics/calibration/conformal.ts';
import { fitTemperature, softmaxAt } from '../core/statistics/calibration/temperature.ts';
import { sfc32 } from '../replay/sfc32.ts';

/** How often prediction sets contain the true class, by the outputs of bundled models for chips that they were not trained on. */

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const DOCUMENT = readFileSync(path('docs/calibration.md'), 'utf8');
const SPLITS = 100;
/** Breaks ties at random: votes give many chips the same probability. */
const JITTER = 1e-6;

describe('prediction sets, over 100 splits of the chips into halves', () => {
  for (const [name, sample, dividedBy, coverages] of [
    ['landsat-statlog', 'landsat-statlog/test.csv', 1, [0.9, 0.95, 0.99]],
    ['digits', 'digits/t10k-first-500.npz', 100, [0.9, 0.99]],
    ['droughtwatch-baseline', 'droughtwatch/part-r-00012', 1, [0.9]],
  ] as const)
    test(`of ${name}: the document has how often they contain the true class`, async () => {
      const { model, onnx } = await readPackage(path(`models/${name}/1.0.0`));
      const found = await labelledChips(model, onnx, [path(`samples/${sample}`)], undefined);
      const chips = found.chips.map(({ scores, truth }) => ({ scores: scores.map((one) => one / dividedBy), truth }));
      const random = sfc32(1, 2, 3);
      const means = new Map(coverages.map((coverage) => [coverage, { untied: 0, contained: 0, right: 0, unsure: 0 }]));
      for (let split = 0; split < SPLITS; split += 1) {
        const dealt = chips.map((chip) => ({ ...chip, at: random() })).sort((a, b) => a.at - b.at);
        const half = Math.floor(dealt.length / 2);
        const temperature = fitTemperature(dealt.slice(0, half)) ?? 1; // some halves have no mistake
        const all = dealt.map(({ scores, truth }) => ({ probabilities: [...softmaxAt(scores, temperature)], truth }));
        const ofTruths = all.map(({ probabilities, truth }) => probabilities[truth]!);
        const untied = ofTruths.map((p) => p + JITTER * random());
        const further = all.slice(half);
        for (const [coverage, sums] of means) {
          const threshold = conformalThreshold(ofTruths.slice(0, half), coverage);
          const sets = further.map(({ probabilities }) => predictionSet(probabilities, threshold));
          const mean = (isOne: (chip: number) => boolean) =>
            sets.filter((_, chip) => isOne(chip)).length / further.length / SPLITS;
          const strict = conformalThreshold(untied.slice(0, half), coverage);
          sums.untied += mean((chip) => 1 - untied[half + chip]! <= strict);
          sums.contained += mean((chip) => sets[chip]!.includes(further[chip]!.truth));
          sums.right += mean((chip) => sets[chip]![0] === further[chip]!.truth);
          sums.unsure += mean((chip) => sets[chip]!.length > 1);
        }
      }
      for (const [coverage, { untied, contained, right, unsure }] of means) {
        const most = coverage + Math.max(0.01, 2 / chips.length);
        assert.ok(untied >= coverage - 0.01 && untied <= most, `${untied}`);
        assert.ok(contained >= untied && contained >= right);
        const shown = [untied, contained, right, unsure].map((share) => `${(100 * share).toFixed(1)} %`);
        const row = `| ${name} | ${100 * coverage} % | ${shown.join(' | ')} |`;
        assert.ok(DOCUMENT.includes(row), `docs/calibration.md has no ${row}`);
      }
    });
});
