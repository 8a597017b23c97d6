import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { profileOf, scaled, smallChips, sumsOf } from '../../test/benches/bandChips.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { clusteringOfPredictions, pooled } from '../measures/scenesOfChips.ts';
import { metrics } from '../metrics/allMetrics.ts';
import { ofAll } from '../metrics/metrics.ts';
import type { ModelPackage } from '../package/package.ts';
import { binOf } from '../statistics/histogram.ts';
import { classificationShown } from '../tasks/classification/shown.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { taskNamed } from '../tasks/registry.ts';
import { meanText } from './driftText.ts';
import type { Totals } from './totals.ts';
import { datumsOf, judgeDrift, publishedScore } from './window.ts';

const model = await readModelPackage(readBaselineFile);
const quiet: Totals = {
  sceneSquares: 1e6,
  chips: 1020,
  blank: 10,
  counts: [600, 151, 151, 98],
  missing: 10,
  probabilitySum: 800,
};

test('a window is judged by its predictions', () => {
  const judgement = judgeDrift(quiet, model, { threshold: 0.25, minimum: 1 });
  const { n, shares, mostCommonShare, missingShare, meanProbability, drift } = judgement;
  assert.deepEqual([n, shares, mostCommonShare], [1000, [0.6, 0.151, 0.151, 0.098], 0.6]);
  assert.deepEqual([missingShare, meanProbability], [10 / 1010, 0.8]);
  assert.equal(drift?.verdict, 'no drift');
  assert.deepEqual({ ...judgement, ...quiet }, judgement, 'its sums stay with it, so that windows add up');
});

test('source bands are judged beside the predictions, and the one that drifted most is published', async () => {
  const { model: small, chips } = await smallChips();
  const profile = profileOf(small, chips);
  const { reference } = model;
  const watched = { ...small, reference, profile };
  const dark = chips.concat(chips, chips).map((chip) => scaled(chip, 4, 0.7));
  const judged = judgeDrift({ ...quiet, ...sumsOf(small, profile, dark) }, watched, { threshold: 0.25, minimum: 1 });
  assert.equal(judged.drift?.verdict, judgeDrift(quiet, model, { threshold: 0.25, minimum: 1 }).drift?.verdict);
  assert.deepEqual(
    judged.bandDrift?.filter(({ verdict }) => verdict === 'drift').map(({ band }) => band),
    ['B5'],
  );
  const published = datumsOf(judged, model, watched, 'recent').find(({ metric }) => metric === 'BandDrift');
  assert.equal(published?.value, judged.bandDrift?.[4]?.jensenShannon);
  const without = judgeDrift(quiet, watched, { threshold: 0.25, minimum: 1 });
  assert.equal('bandDrift' in without, false);
  assert.ok(!datumsOf(without, model, watched, 'recent').some(({ metric }) => metric === 'BandDrift'));
});

test('the verdict uses the given threshold', () => {
  assert.equal(
    judgeDrift({ ...quiet, counts: [300, 300, 300, 100] }, model, { threshold: 0.25, minimum: 1 }).drift?.verdict,
    'no drift',
  );
  assert.equal(
    judgeDrift({ ...quiet, counts: [300, 300, 300, 100] }, model, { threshold: 0.15, minimum: 1 }).drift?.verdict,
    'drift',
  );
});

test('with fewer predictions than the minimum the verdict is "not enough data", however large the drift', () => {
  const far = { ...quiet, counts: [0, 0, 0, 299] };
  const verdictWith = (minimum: number) => judgeDrift(far, model, { threshold: 0.25, minimum }).drift?.verdict;
  assert.deepEqual([verdictWith(299), verdictWith(300)], ['drift', 'not enough data']);
});

describe('the published metrics', () => {
  test('include every metric about a window, with the model and the window as dimensions', () => {
    const labelled = { ...quiet, truths: [30, 10, 5, 5], right: [25, 2, 0, 1] };
    const numbers = { mean: 5, deviation: 2, betweenChips: 2, valuesPerChip: 1, degreesOfFreedom: 1 };
    const profile = [{ name: 'B1', source: 0, chips: 500, edges: [2, 8, 12], counts: [500, 500], ...numbers }];
    const moments = { nodata: 0, mean: 5, squares: 9, minimum: 2, maximum: 9, chipMean: 5, chipSquares: 9 };
    const watched = { ...labelled, bands: [{ chips: 500, counts: [0, 250, 250, 0], ...moments }] };
    const judged = judgeDrift(watched, { ...model, profile }, { threshold: 0.25, minimum: 1 });
    const datums = datumsOf(judged, model, { ...model, heldOut: { chips: 500, right: 400 } }, 'day');
    const ours = [...metrics].filter(([name, { dimensions }]) => {
      const isKnown = name in ofAll || name in classificationShown.metrics; // another task's are for its own models
      return isKnown && 'Window' === dimensions[1];
    });
    assert.deepEqual(new Set(datums.map(({ metric }) => metric)), new Set(ours.map(([name]) => name)));
    for (const { metric, value, dimensions } of datums) {
      assert.ok(Number.isFinite(value), metric);
      assert.deepEqual([dimensions.Model, dimensions.Window], ['droughtwatch-baseline', 'day']);
      assert.deepEqual(Object.keys(dimensions), metrics.get(metric)?.dimensions);
    }
    const value = (name: string) => datums.find(({ metric }) => metric === name)?.value;
    assert.deepEqual([value('Chips'), value('Blanks'), value('Predictions')], [1020, 10, 1000]);
    assert.equal(value('BlankShare'), 10 / 1020);
    assert.equal(value('Accuracy'), 28 / 50);
    assert.equal(value('EstimatedAccuracy'), 0.8);
  });

  test('include a share for each class, 0 for a class that was never predicted', () => {
    const datums = datumsOf(
      judgeDrift({ ...quiet, counts: [0, 3, 1, 0] }, model, { threshold: 0.25, minimum: 1 }),
      model,
      model,
      'recent',
    );
    const shares = datums.filter(({ metric }) => metric === 'ClassShare');
    assert.deepEqual(
      shares.map(({ dimensions, value }) => [dimensions.Class, value]),
      [
        ['cows-0', 0],
        ['cows-1', 0.75],
        ['cows-2', 0.25],
        ['cows-3plus', 0],
      ],
    );
  });

  test("include the reference's share of each class, so that both can be plotted", () => {
    const datums = datumsOf(judgeDrift(quiet, model, { threshold: 0.25, minimum: 1 }), model, model, 'recent');
    const shares = datums.filter(({ metric }) => metric === 'ReferenceShare');
    assert.deepEqual(
      shares.map(({ dimensions, value }) => [dimensions.Class, value]),
      [
        ['cows-0', 0.6002],
        ['cows-1', 0.1511],
        ['cows-2', 0.1512],
        ['cows-3plus', 0.0975],
      ],
    );
  });

  test('leave out the drift if chance alone could pass the threshold, so that no alarm is raised', () => {
    const judgement = judgeDrift({ ...quiet, counts: [0, 0, 0, 5] }, model, { threshold: 0.25, minimum: 1 });
    assert.equal(judgement.drift?.verdict, 'not enough data');
    const names = datumsOf(judgement, model, model, 'recent').map(({ metric }) => metric);
    assert.ok(!names.includes('Drift'));
    assert.ok(names.includes('NoiseFloor'), 'which says why');
  });

  test('leave out the drift from a provisional reference, however far it is and however many scenes there are', () => {
    const counts = [0, 0, 0, 100_000];
    const about = { ...model, unit: 'scene', reference: [1, 1, 1, 1], isProvisional: true } as const;
    const window = { ...quiet, counts, chips: 100_000, blank: 0, missing: 0, sceneSquares: 1e7 };
    for (const { verdict, of } of [
      { verdict: 'not enough data', of: about },
      { verdict: 'drift', of: { ...model, unit: 'scene', reference: [1000, 1000, 1000, 1000] } as const },
    ]) {
      const judgement = judgeDrift(window, of, { threshold: 0.25, minimum: 1 });
      assert.equal(judgement.drift?.verdict, verdict);
      const names = datumsOf(judgement, model, of, 'recent').map(({ metric }) => metric);
      assert.equal(names.includes('Drift'), verdict === 'drift');
    }
  });

  test('leave out values that are undefined: for a window of blanks, and for outputs that are NaN', () => {
    const none = { sceneSquares: 0, counts: [0, 0, 0, 0], probabilitySum: 0 };
    const blanks = judgeDrift({ ...none, chips: 5, blank: 5, missing: 0 }, model, { threshold: 0.25, minimum: 1 });
    assert.deepEqual([blanks.drift, blanks.shares, blanks.missingShare], [null, null, null]);
    assert.deepEqual(valuesOf(blanks), { Chips: 5, Blanks: 5, BlankShare: 1, Predictions: 0 });
    const missing = judgeDrift({ ...none, chips: 5, blank: 1, missing: 4 }, model, { threshold: 0.25, minimum: 1 });
    assert.deepEqual(valuesOf(missing), { Chips: 5, Blanks: 1, BlankShare: 0.2, Predictions: 0, MissingShare: 1 });
    const chip = judgeDrift({ ...none, chips: 1, blank: 1, missing: 0 }, model, { threshold: 0.25, minimum: 1 });
    assert.equal(valuesOf(chip)['BlankShare'], 1);
    const nothing = judgeDrift({ ...none, chips: 0, blank: 0, missing: 0 }, model, { threshold: 0.25, minimum: 1 });
    assert.deepEqual(valuesOf(nothing), { Chips: 0, Blanks: 0, Predictions: 0 });
  });
});

function valuesOf(judgement: ReturnType<typeof judgeDrift>) {
  const datums = datumsOf(judgement, model, model, 'recent');
  return Object.fromEntries(datums.map(({ metric, value }) => [metric, value]));
}

describe('a window of scenes, whose chips are alike', () => {
  const limits = { threshold: 0.25, minimum: 1 };
  const far = { ...quiet, counts: [0, 400, 400, 200], chips: 1000, blank: 0, missing: 0 };
  const judged = (scenes: number, about: Partial<typeof model> = {}) =>
    judgeDrift(
      { ...far, sceneSquares: 1000 ** 2 / scenes },
      { ...model, unit: 'scene', ...about },
      { threshold: 0.25, minimum: 1 },
    ).drift!;

  test('counts as so many chips, if nothing is known of them: few prove nothing, and the verdict says how many do', () => {
    const few = judged(5);
    assert.equal(few.verdict, 'not enough data');
    assert.equal(few.n, 1000);
    assert.deepEqual(few.scenes, { count: 5, independentChips: 5, needed: 26 });
    assert.equal(judged(25).verdict, 'drift', 'its noise floor reaches the threshold, but not the score');
    const near = (scenes: number) =>
      judgeDrift({ ...quiet, sceneSquares: 1e6 / scenes }, { ...model, unit: 'scene' }, limits);
    assert.deepEqual(
      [near(25), near(26)].map(({ drift }) => drift!.verdict),
      ['not enough data', 'no drift'],
    );
  });

  test('counts for more with scenes that are known to be less alike', () => {
    const clustering = { scenes: 50, chips: 200, exponent: 0.6, degreesOfFreedom: 3 };
    const { scenes, noiseFloor } = judged(5, { clustering });
    assert.ok(Math.abs(scenes!.independentChips - 5 * 200 ** 0.6) < 1e-9);
    assert.ok(noiseFloor < judged(5).noiseFloor);
  });

  test('counts chip by chip if the package says so', () => {
    const { scenes, verdict } = judged(1, { unit: 'chip' });
    assert.deepEqual([scenes, verdict], [undefined, 'drift']);
  });
});

describe('a window of predicted numbers', () => {
  const values: ModelPackage = {
    ...model,
    task: taskNamed('regression'),
    // Mean 20, standard deviation 10: three middles, 5, 20 and 35, with 2/9, 5/9 and 2/9.
    reference: { edges: [-2.5, 12.5, 27.5, 42.5], counts: [0, 2000, 5000, 2000, 0] },
  };
  const judgedValues = (counts: number[], limits = {}) => {
    const n = counts.reduce((sum, count) => sum + count, 0);
    const summed: Totals = {
      ...quiet,
      task: 'regression',
      counts: [0, ...counts, 0],
      mean: 0,
      squares: 0,
      chips: n,
      sceneSquares: n,
    };
    return judgeDrift(summed, values, { threshold: 0.25, minimum: 1, ...limits }).drift!;
  };

  test('drifts by its mean, if that is off by 0.3 standard deviations and more than chance', () => {
    const { jensenShannon, mean, verdict } = judgedValues([200, 400, 300]);
    assert.ok(jensenShannon < 0.25);
    assert.ok(Math.abs(mean!.shift - 100 / 600) < 1e-9, 'the middles are 15 apart: 100 of 900 more in the last');
    assert.deepEqual([mean!.score < 0.25, verdict], [true, 'no drift']);
    const moved = judgedValues([100, 500, 300]);
    assert.ok(Math.abs(moved.mean!.shift - 1 / 3) < 1e-9);
    // scipy.stats.norm.isf(0.005) · √(1/900 + 1/9000)
    assert.ok(Math.abs(moved.mean!.noise - 2.5758293035489004 * Math.sqrt(1 / 900 + 1 / 9000)) < 1e-9);
    assert.ok(Math.abs(moved.mean!.score - (0.25 / 0.3) * (1 / 3)) < 1e-9);
    assert.deepEqual([moved.jensenShannon < 0.25, moved.verdict], [true, 'drift']);
    assert.equal(publishedScore(moved), moved.mean!.score);
    assert.match(meanText(moved)!, /^their mean is 0\.33 standard deviations above the reference's/);
  });

  test('publishes the distance, unless it drifts by its mean alone', () => {
    const both = judgedValues([0, 200, 700]);
    assert.deepEqual([both.verdict, both.jensenShannon > 0.25, both.mean!.shift > 1], ['drift', true, true]);
    assert.deepEqual([publishedScore(both), meanText(both)], [both.jensenShannon, null]);
    const neither = judgedValues([150, 500, 250]);
    assert.deepEqual([neither.verdict, neither.mean!.shift > neither.mean!.noise], ['no drift', true]);
    assert.equal(publishedScore(neither), neither.jensenShannon);
    const alone = judgedValues([2, 7, 14], { threshold: 0.2 });
    assert.ok(alone.noiseFloor > 0.2 && alone.jensenShannon > 0.2, 'chance may be behind the distance');
    assert.deepEqual([alone.verdict, publishedScore(alone)], ['drift', alone.mean!.score]);
    assert.match(meanText(alone)!, /above/);
  });

  test('counts scenes for its mean, by how the means of scenes differ; each as one chip, if that is not known', () => {
    const clustering = { scenes: 41, chips: 30, exponent: 0.5, degreesOfFreedom: 2, betweenScenes: 0.6 };
    const noiseOf = (scenes: number, chips: number, about: object) => {
      const n = scenes * chips;
      const counts = [0, 0, n, 0, 0];
      const summed = { ...quiet, task: 'regression', counts, mean: 0, squares: 0, chips: n, sceneSquares: n * chips };
      const judged = judgeDrift(summed, { ...values, unit: 'scene', ...about }, { threshold: 0.25, minimum: 1 });
      return judged.drift!.mean!.noise;
    };
    // scipy.stats.t.isf(4/365/2/3/2, 40), and below scipy.stats.norm.isf(4/365/2/2) · √(1/30 + 1/41)
    const ofScenes = 3.339268126409725 * Math.sqrt(1 / 30 + 1 / 41);
    const near = (found: number, wanted: number) =>
      assert.ok(Math.abs(found / wanted - 1) < 1e-5, `${found}, ${wanted}`);
    near(noiseOf(30, 30, { clustering }), 0.6 * ofScenes);
    near(noiseOf(30, 100, { clustering }), 0.6 * ofScenes);
    near(noiseOf(30, 15, { clustering }), 0.6 * Math.SQRT2 * ofScenes);
    near(noiseOf(30, 1, { clustering }), ofScenes);
    near(noiseOf(30, 30, { clustering: { ...clustering, betweenScenes: undefined } }), ofScenes);
    near(noiseOf(30, 30, {}), 2.777406986 * Math.sqrt(1 / 30 + 1 / 9000));
  });

  test('of which the chips of a scene are alike drifts in at most 1 of 100 quiet windows, and in 9 of 10 whose mean has moved by 0.7 standard deviations', () => {
    const random = sfc32(8, 3, 5);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const edges = [-3, -2, -1, 0, 1, 2, 3];
    const sceneOf = (moved: number) => {
      const [own, counts] = [0.6 * normal() + moved, Array<number>(8).fill(0)];
      for (let chip = 0; chip < 30; chip += 1) counts[binOf(own + 0.8 * normal(), edges)]! += 1;
      return { size: 30, sums: counts };
    };
    const drifts = { quiet: 0, moved: 0 };
    for (let stage = 0; stage < 20; stage += 1) {
      const scenes = Array.from({ length: 40 }, () => sceneOf(0));
      const reference = { edges, counts: pooled(scenes).sums };
      const own = { ...values, unit: 'scene' as const, reference };
      const clustering = clusteringOfPredictions(scenes, own, {
        bins: { edges, counts: reference.counts.slice(1, -1) },
      })!;
      for (const [name, moved] of [
        ['quiet', 0],
        ['moved', 0.7],
      ] as const)
        for (let day = 0; day < 50; day += 1) {
          const counts = pooled(Array.from({ length: 30 }, () => sceneOf(moved))).sums;
          const sums = {
            ...quiet,
            task: 'regression',
            counts,
            mean: 0,
            squares: 0,
            chips: 900,
            sceneSquares: 30 * 900,
          };
          const { drift } = judgeDrift(sums, { ...own, clustering }, { threshold: 0.25, minimum: 1 });
          if (drift!.verdict === 'drift') drifts[name] += 1;
        }
    }
    assert.ok(drifts.quiet <= 10 && drifts.moved >= 900, JSON.stringify(drifts));
  });

  test('does not drift by its mean over few predictions, or fewer than the stage asks for', () => {
    const few = judgedValues([0, 0, 19]);
    assert.deepEqual([few.mean!.score, meanText(few)], [0, null]);
    assert.equal(judgedValues([100, 500, 300], { minimum: 1000 }).verdict, 'not enough data');
  });
});
