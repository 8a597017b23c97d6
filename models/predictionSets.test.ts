import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { shuffle } from 'simple-statistics';
import { labelledChips } from '../cli/models/labelledChips.ts';
import { readPackage } from '../cli/models/publishModel.ts';
import { conformalThreshold, predictionSet } from '../core/statistics/calibration/conformal.ts';
import { fitTemperature, softmaxAt } from '../core/statistics/calibration/temperature.ts';
import { sfc32 } from '../replay/sfc32.ts';
import { sclTruth } from '../test/benches/sclTruth.ts';

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

/**
 * The same of pixels. Those of a scene are alike: dealt one by one, each has neighbours in the other half; dealt in blocks of
 * 32 × 32, few have; and from one side of the scene to the other, the half is another place.
 */
test('s2-scl: the document has how often the sets of pixels contain the true class', async () => {
  const { side, model: folder, scene, table } = await sclTruth();
  const { model, onnx } = await readPackage(folder);
  const { chips } = await labelledChips(model, onnx, [scene], table, { mostPixels: Number.POSITIVE_INFINITY });
  assert.equal(chips.length, side * side, 'all, in the order of the rows');
  const [across, down] = [(i: number) => i % side, (i: number) => Math.floor(i / side)];
  const pixels = chips
    .map(({ scores, truth }, i) => ({ i, probabilities: [...scores.map(Math.exp)], truth }))
    .filter(({ i }) => across(i) % 4 === 0 && down(i) % 4 === 0);
  type Pixels = typeof pixels;

  function covered(first: Pixels, second: Pixels) {
    const ofTruths = first.map(({ probabilities, truth }) => probabilities[truth]!);
    const threshold = conformalThreshold(ofTruths, 0.9);
    const sets = second.map(({ probabilities }) => predictionSet(probabilities, threshold));
    const share = (count: number) => count / second.length;
    return {
      contained: share(sets.filter((set, i) => set.includes(second[i]!.truth)).length),
      right: share(sets.filter(([top], i) => top === second[i]!.truth).length),
      unsure: share(sets.filter((set) => set.length > 1).length),
    };
  }

  const random = sfc32(1, 2, 3);
  function meanOfSplits(groups: readonly Pixels[]) {
    const means = { contained: 0, right: 0, unsure: 0 };
    for (let split = 0; split < SPLITS; split += 1) {
      const dealt = shuffle([...groups], random);
      const found = covered(dealt.slice(0, dealt.length / 2).flat(), dealt.slice(dealt.length / 2).flat());
      for (const name of ['contained', 'right', 'unsure'] as const) means[name] += found[name] / SPLITS;
    }
    return means;
  }

  const blocks = Map.groupBy(pixels, ({ i }) => `${Math.floor(across(i) / 32)} ${Math.floor(down(i) / 32)}`);
  const [west, east] = [0, 1].map((half) => pixels.filter(({ i }) => Math.floor((2 * across(i)) / side) === half));
  const found = {
    'one by one': meanOfSplits(pixels.map((pixel) => [pixel])),
    'in blocks of 32 × 32': meanOfSplits([...blocks.values()]),
    'from the west to the east': covered(west!, east!),
    'from the east to the west': covered(east!, west!),
  };
  assert.ok(Math.abs(found['one by one'].contained - 0.9) <= 0.01, `${found['one by one'].contained}`);
  for (const [how, shares] of Object.entries(found)) {
    const row = `| ${[how, ...Object.values(shares).map((share) => `${(100 * share).toFixed(1)} %`)].join(' | ')} |`;
    assert.ok(DOCUMENT.includes(row), `docs/calibration.md has no ${row}`);
  }
});
