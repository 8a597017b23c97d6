import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { scaled } from '../../test/benches/bandChips.ts';
import { picked } from '../../test/benches/draws.ts';
import { modelOf } from '../../test/benches/predictions.ts';
import { sentinelChips } from '../../test/benches/sentinelChips.ts';
import { truthsBy } from '../../test/benches/truths.ts';
import { addBandSums, type BandSum } from '../measures/bands/bandSum.ts';
import { bands } from '../measures/bands/bands.ts';
import { makeProfiler } from '../measures/bands/makeProfile.ts';
import { parseBandMeans, parseProfile } from '../package/bandProfile.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Summed } from '../package/task.ts';
import { countTruths } from '../tasks/classification/classCounts.ts';
import { taskNamed } from '../tasks/registry.ts';
import { withTruths as withKnown } from '../tasks/sums.ts';
import { type Cause, causeOf, findCause } from './cause.ts';
import type { Totals } from './totals.ts';
import { type Judgement, judgeDrift } from './window.ts';

const withTruths = truthsBy(countTruths);

/** Days of chips of a real tile, on which one thing changes. A chip's class is the range of its mean in the red band. */

const RANGES = [0.2, 0.5, 0.8, 1];
const USUAL = [0.2, 0.3, 0.3, 0.2];
const NAMES = ['water', 'wheat', 'maize', 'soil'];
/** Of each class, the share that is recognised; others are taken for a neighbouring class. */
const RECALL = [0.95, 0.9, 0.9, 0.75];
const LIMITS = { threshold: 0.25, minimum: 1, falseAlarmsPerYear: 4 };

const { model: bundled, source, grid } = await sentinelChips();
const red = source.bands.findIndex(({ name }) => name === 'B04');
const redOf = ({ planes }: (typeof grid)[number]['chip']) =>
  [...(planes[red]! as Float64Array)].reduce((sum, value) => sum + value, 0);
const ordered = grid.map(({ chip }) => redOf(chip)).toSorted((a, b) => a - b);
const limits = RANGES.map((share) => ordered[Math.ceil(share * ordered.length) - 1]!);
const rangeOf = (value: number) => limits.findIndex((limit) => value <= limit);
const profiler = makeProfiler(
  { source },
  source.bands.map(({ name }) => name),
);
for (const { chip } of grid) profiler.at(chip);
const json = { bands: profiler.profile(), bandMeans: profiler.bandMeans() };
const profile = parseProfile(json, source.bands)!;
const model = {
  ...bundled,
  ...modelOf(NAMES.map((name, value) => ({ name, value }))),
  source,
  reference: NAMES.map(() => 1),
  profile,
  bandMeans: parseBandMeans(json, profile)!,
  expectedAccuracy: 0.88,
  heldOut: { chips: 2000, right: 1760 },
} as ModelPackage;

const sumsOf = (change: (chip: (typeof grid)[number]['chip']) => (typeof grid)[number]['chip']) =>
  grid.map(({ chip }) => {
    const look = bands.look(model);
    look.at(change(chip), false);
    return look.sum().bands!;
  });
const bright = sumsOf((chip) => chip);
const ofClass = USUAL.map((_, k) => grid.flatMap(({ chip }, i) => (rangeOf(redOf(chip)) === k ? [i] : [])));

type Day = { chips?: number; known?: number; mix?: number[]; recall?: number[]; sums?: BandSum[][]; seen?: number };
const random = sfc32(7, 1, 8);

/** The sums of a day; `seen` is the factor by which the model sees the red band. */
function totalsOf({ chips = 300, known = 212, mix = USUAL, recall = RECALL, sums = bright, seen = 1 }: Day): Totals {
  const pairs = Array.from({ length: chips }, () => {
    const truth = picked(mix, random);
    const at = ofClass[truth]![Math.floor(random() * ofClass[truth]!.length)]!;
    const looks = seen === 1 ? truth : rangeOf(seen * redOf(grid[at]!.chip));
    const other = looks === 0 ? 1 : looks === 3 ? 2 : looks + (random() < 0.5 ? 1 : -1);
    return { at, truth, value: random() < recall[looks]! ? looks : other };
  });
  const counts = NAMES.map((_, k) => pairs.filter(({ value }) => value === k).length);
  const own = { counts, missing: 0, probabilitySum: 0 };
  const banded = pairs.map(({ at }) => sums[at]!).reduce((a, b) => a.map((sum, i) => addBandSums(sum, b[i]!)));
  const labelled = withTruths(own, pairs.slice(0, known), model);
  return { ...labelled, chips, blank: 0, sceneSquares: chips, bands: banded } as Totals;
}

const judged = (day: Day): Judgement => judgeDrift(totalsOf(day), model, LIMITS);
const before = totalsOf({ chips: 2000, known: 2000 });
Object.assign(model, { reference: totalsOf({ chips: 4000 })['counts'] }); // as a reference is: predictions for the usual mix
const RICH_IN_SOIL = [0.05, 0.15, 0.2, 0.6];

/** How many of a hundred such days are said to have just this cause. */
function named(day: Day, cause: Cause['changed'], earlier: Totals | null = before): number {
  const found = Array.from({ length: 100 }, () => causeOf(judged(day), model, earlier).changed.join());
  return found.filter((one) => one === cause.join()).length;
}

describe('the cause of a drift', () => {
  const name = (day: Day, cause: Cause['changed']) => {
    const found = named(day, cause);
    assert.ok(found >= 95, `${found} of 100 for ${JSON.stringify({ ...day, sums: undefined })}`);
  };

  test('is the mix of classes, where only that changed, in at least 95 of 100 days', () => {
    name({ mix: RICH_IN_SOIL }, ['mix']); // although fewer are right, as soil is often mistaken
    name({ mix: [0.6, 0.2, 0.15, 0.05] }, ['mix']);
  });

  test('is the inputs, where a band is dark, in at least 95 of 100 days: one that the model ignores, and its own', () => {
    for (const [dark, { name: band }] of source.bands.entries()) {
      const sums = sumsOf((chip) => scaled(chip, dark, 0.8));
      name({ sums }, ['inputs']);
      const { sentence } = causeOf(judged({ sums }), model, before);
      assert.match(sentence, new RegExp(`^The inputs changed: ${band} reads (1[89]|2[0-2])\u00a0% low`));
    }
    name({ sums: sumsOf((chip) => scaled(chip, red, 0.7)), seen: 0.7 }, ['inputs']);
  });

  test('is the model, where it errs more, in at least 95 of 100 days', () => {
    name({ recall: RECALL.map((share) => share - 0.15) }, ['errors']);
    name({ recall: [0.95, 0.9, 0.9, 0.1] }, ['errors']);
  });
});

describe('the sentence on it', () => {
  const said = (day: Day, earlier: Totals | null = before) =>
    causeOf(judged(day), model, earlier).sentence.replaceAll('\u00a0', ' ');

  test('has the evidence of each, also when it is missing', () => {
    assert.match(
      said({ mix: RICH_IN_SOIL }),
      /^The mix of classes changed: .*; soil rose from \d\d % to an estimated \d\d %; \d\d % of 212 right, expected \d\d %\.$/,
    );
    assert.match(
      said({ recall: [0.95, 0.9, 0.9, 0.1], known: 0 }, null),
      /^What changed is not known: no source band drifts; too few truths yet of earlier days .*; no truth yet of these predictions\.$/,
    );
    const { profile: _, bandMeans: __, ...blind } = model;
    const { bandDrift: ___, ...unseen } = judged({ recall: [0.95, 0.9, 0.9, 0.1] });
    assert.match(causeOf(unseen, blind, before).sentence, /^The model errs more .*: no profile says how source bands/);
    const overHttp = causeOf(unseen, model, before).sentence;
    assert.match(overHttp, /^The model errs more .*: the source bands of these predictions were not measured; /);
  });

  test('has the error of predicted numbers, none of which is right or wrong', () => {
    const regression = taskNamed('regression');
    const reference = { edges: [0, 10, 20], counts: [0, 50, 50, 0] };
    const { profile: _, bandMeans: __, ...heights } = { ...model, ...{ classes: [], reference, task: regression } };
    const chips = Array.from({ length: 600 }, () => ({ value: 30, truth: 28 }));
    const zero: Summed = { ...regression.summary.zero(heights), counts: [0, 0, 0, 600] };
    const of = (known: typeof chips) => {
      const sum = withKnown(zero, known, regression.countTruths(heights));
      return judgeDrift({ ...sum, chips: 600, blank: 0, sceneSquares: 600 } as Totals, heights, LIMITS);
    };
    const sentence = (known: typeof chips) => causeOf(of(known), heights, null).sentence;
    assert.match(sentence(chips), /: no profile says how source bands should be; mean absolute error 2 of 600\.$/);
    assert.match(sentence([]), /; no truth yet of these predictions\.$/);
  });

  test('has the classes of masks, whose pixels are confused: the mix, or the errors, in at least 95 of 100 days', () => {
    const segmentation = taskNamed('segmentation');
    const masks = { ...model, task: segmentation } as ModelPackage;
    /** Chips of 64 pixels, most of which are of one class. */
    const dayOf = ({ chips = 300, known = 212, mix = USUAL, recall = RECALL, sums = bright }: Day) => {
      const all = Array.from({ length: chips }, () => {
        const most = picked(mix, random);
        const cells = NAMES.map(() => NAMES.map(() => 0));
        for (let pixel = 0; pixel < 64; pixel += 1) {
          const truth = random() < 0.8 ? most : picked(mix, random);
          const other = truth === 0 ? 1 : truth === 3 ? 2 : truth + (random() < 0.5 ? 1 : -1);
          cells[truth]![random() < recall[truth]! ? truth : other]! += 1;
        }
        return { sums: sums[ofClass[most]![Math.floor(random() * ofClass[most]!.length)]!]!, cells };
      });
      const texts = all.map(({ cells }) =>
        cells.flatMap((row, is) => row.map((n, said) => `${is}/${said}:${n}`)).join(' '),
      );
      const counts = NAMES.map((_, k) =>
        all.reduce((n, { cells }) => n + cells.reduce((m, row) => m + row[k]!, 0) / 64, 0),
      );
      const pairs = texts.slice(0, known).map((truth) => ({ value: 0, truth }));
      const none: Summed = { ...segmentation.summary.zero(masks), counts };
      const sum = withKnown(none, pairs, segmentation.countTruths(masks));
      const banded = all.map((one) => one.sums).reduce((a, b) => a.map((one, i) => addBandSums(one, b[i]!)));
      return { ...sum, chips, blank: 0, sceneSquares: chips, bands: banded } as Totals;
    };
    const earlier = dayOf({ chips: 2000, known: 2000 });
    const ofMasks = { ...masks, reference: dayOf({ chips: 4000 }).counts } as ModelPackage;
    const causes = (day: Day) =>
      Array.from({ length: 100 }, () => causeOf(judgeDrift(dayOf(day), ofMasks, LIMITS), ofMasks, earlier));
    for (const [day, cause] of [
      [{ mix: [0.02, 0.05, 0.13, 0.8] }, 'mix'],
      [{ recall: [0.95, 0.9, 0.9, 0.1] }, 'errors'],
      [{ sums: sumsOf((chip) => scaled(chip, red, 0.8)) }, 'inputs'],
    ] as const) {
      const found = causes(day as Day);
      const right = found.filter(({ changed }) => changed.join() === cause);
      assert.ok(
        right.length >= 95,
        `${right.length} of 100: ${cause}; ${found.find((one) => !right.includes(one))?.sentence}`,
      );
      if (cause === 'mix')
        assert.match(right[0]!.sentence, /soil rose from \d\d\u00a0% to an estimated [78]\d\u00a0%; .* of 212 right/);
    }
  });

  test('leaves open what cannot be told without truth of these predictions', () => {
    assert.match(said({ mix: RICH_IN_SOIL, known: 0 }), /^The inputs changed, or the mix of classes changed: /);
    const both = /^The inputs changed, or the mix of classes changed: .*; too few truths yet of earlier days .*; /;
    for (const known of [0, 212]) assert.match(said({ mix: [0.85, 0.05, 0.05, 0.05], known }, null), both);
  });

  test('names the mix as well as a band that is odd, where the mix explains the predictions and no truth of these decides', () => {
    const odd = judged({ sums: sumsOf((chip) => scaled(chip, red, 0.8)) }).bandDrift!;
    const causeFor = (day: Day, bandDrift = odd) => causeOf({ ...judged(day), bandDrift }, model, before);
    const told = causeFor({ mix: RICH_IN_SOIL, known: 0 });
    assert.deepEqual(told.changed, ['inputs', 'mix']);
    assert.match(
      told.sentence.replaceAll('\u00a0', ' '),
      /^The inputs changed, or the mix of classes changed: B04 reads \d\d % low; soil rose from /,
    );
    assert.deepEqual(causeFor({ known: 0 }).changed, ['inputs']); // the mix is as before
    assert.match(causeFor({ known: 0 }).sentence, /B04 reads .* low, which points to the instrument or its processing/);
    assert.deepEqual(causeFor({ mix: RICH_IN_SOIL, known: 212 }).changed, ['mix']);
  });

  test('leaves open what a model that confuses its classes cannot tell, though another mix would explain it', () => {
    const pairs = NAMES.flatMap((_, truth) =>
      NAMES.flatMap((__, value) => Array(value === truth ? 6 : 2).fill({ value, truth })),
    );
    const counts = [600, 600, 500, 300];
    const earlier = { ...withTruths({ counts, missing: 0, probabilitySum: 0 }, pairs, model), chips: 2000, blank: 0 };
    const { bandDrift = [] } = judged({ mix: RICH_IN_SOIL });
    const totals = { ...earlier, counts: [15, 45, 60, 180], chips: 300, sceneSquares: 300, truths: undefined };
    const judgement = { ...judgeDrift(totals as never, model, LIMITS), bandDrift };
    const { changed, mix, sentence } = causeOf(judgement, model, { ...earlier, sceneSquares: 2000 } as never);
    assert.deepEqual([judgement.drift?.verdict, mix?.hasMoved, mix?.isExplained], ['drift', false, true]);
    assert.deepEqual(changed, ['inputs', 'mix']);
    assert.match(sentence, /; no class has moved beyond chance; /);
  });

  test('names a class that moved beyond chance, where a larger move of classes that are hardly told apart is chance', () => {
    const sums = { chips: 300, blank: 0, sceneSquares: 300 };
    const summed = (counts: number[], known: [value: number, truth: number, times: number][] = []) => {
      const pairs = known.flatMap(([value, truth, times]) => Array(times).fill({ value, truth }));
      return { ...sums, ...withTruths({ counts, missing: 0, probabilitySum: 0 }, pairs, model) } as Totals;
    };
    const alike = [2, 3].flatMap((value) => [2, 3].map((truth) => [value, truth, value === truth ? 12 : 10] as const));
    const earlier = summed([200, 200, 22, 22], [[0, 0, 190], [1, 1, 190], [0, 1, 10], [1, 0, 10], ...alike] as never);
    const { profile: _, bandMeans: __, ...blind } = { ...model, reference: [1000, 1000, 500, 500] };
    const { mix } = causeOf(judgeDrift(summed([140, 60, 56, 44]), blind, LIMITS), blind, earlier);
    assert.deepEqual([mix?.name, mix?.hasMoved], ['wheat', true]);
  });

  test('is on days that drift alone, with the truth of days before that were as right as expected', async () => {
    const asked: string[][] = [];
    const wrong = { ...judged({ recall: [0.5, 0.5, 0.5, 0.5], known: 300 }), day: 'wrong' };
    const rows = [before, wrong].map((judgement) => ({ judgement }));
    const days = async (_: unknown, ...between: string[]) => {
      asked.push(between);
      return rows;
    };
    const metrics = { days } as never;
    assert.equal(await findCause(metrics, '2026-03-31', judged({}), model), null);
    const drifting = judged({ mix: RICH_IN_SOIL });
    const found = await findCause(metrics, '2026-03-31', drifting, model);
    assert.deepEqual(asked, [['2026-03-01', '2026-03-30']]);
    assert.deepEqual(found, causeOf(drifting, model, before));
  });
});
