import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../../replay/sfc32.ts';
import { placesOf } from '../../../test/benches/draws.ts';
import { modelOf } from '../../../test/benches/predictions.ts';
import { makeChooser } from '../../results/chooseChips.ts';
import type { PredictedChip } from '../../results/predictions.ts';
import { stratifiedAreas } from '../../statistics/stratifiedAreas.ts';
import { accuracyOfCounts } from '../../tasks/classification/accuracy.ts';
import { classCounts, countTruths } from '../../tasks/classification/classCounts.ts';
import { withTruths } from '../../tasks/sums.ts';
import { readTableOfTruths } from './tableOfTruths.ts';
import { counted, merged, type Told, type ToldTruths } from './toldTruths.ts';

const AT = '2026-03-02T10:00:00.000Z';
const CLASSES = 4;
const CHIPS = 600;
const EACH = 50;
const SAMPLES = 400;
const PART = 150;
const model = modelOf(Array.from({ length: CLASSES }, (_, value) => ({ value, name: `c${value}` })));

describe('of chips that are labelled one half at random and one half because the model is unsure, twice', () => {
  const random = sfc32(1, 2, 3);
  const chips = Array.from({ length: CHIPS }, (_, index) => {
    const value = Math.floor(CLASSES * random() ** 2);
    const probability = 0.3 + 0.7 * random();
    const isRight = random() < probability;
    return { index, value, probability, truth: isRight ? value : (value + 1) % CLASSES };
  });
  const accuracy = chips.filter(({ value, truth }) => value === truth).length / CHIPS;
  const sharesOf = (of: 'value' | 'truth') =>
    model.classes.map(({ value }) => chips.filter((chip) => chip[of] === value).length / CHIPS);

  /** What is known of each chip after some truths, as the predictions are read again. */
  const seenWith = (truths: ToldTruths): PredictedChip[] =>
    chips.map(({ index, value, probability }) => {
      const told = truths.get(index);
      const known = { truth: counted(told) ?? null, ...(told?.isChosen && { uncounted: told.truth }) };
      return { run: 'r', index, value, rank: probability, ...known } as PredictedChip;
    });

  /** Labels as many chips as `swath label export` chooses; a truth that it states already is not asked for. */
  function labelled(before: ToldTruths, seed: number): { truths: ToldTruths; asked: number } {
    const chooser = makeChooser(model, { random: EACH, unsure: EACH }, seed);
    const seen = seenWith(before);
    for (let from = 0; from < CHIPS; from += PART) chooser.add(seen.slice(from, from + PART));
    const chosen = chooser.chosen();
    const told = chosen.map(({ chip: { index }, sample }): Told => {
      return { index, truth: chips[index]!.truth, at: AT, isChosen: sample === 'least-certain' };
    });
    return {
      truths: merged(before, told, new Date(AT)).truths,
      asked: chosen.filter(({ chip }) => !before.has(chip.index)).length,
    };
  }

  /** What truths say, with those that count, or with all of them. */
  function judged(truths: ToldTruths, areAllCounted: boolean) {
    const compared = chips.map((chip) => {
      const late = truths.get(chip.index);
      return { ...chip, truth: (areAllCounted ? late?.truth : counted(late)) ?? null };
    });
    const found = accuracyOfCounts(withTruths(classCounts.zero(model), compared, countTruths(model)), model)!;
    const confusion = model.classes.map(({ name: predicted }) =>
      model.classes.map(
        ({ name }) => found.confusion!.find((one) => one.truth === name && one.predicted === predicted)?.count ?? 0,
      ),
    );
    return { n: found.n, accuracy: found.share, areas: stratifiedAreas(sharesOf('value'), placesOf(confusion)) };
  }

  const rounds = Array.from({ length: SAMPLES }, (_, seed) => {
    const first = labelled(new Map(), seed);
    return { first, second: labelled(first.truths, SAMPLES + seed) };
  });
  const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

  for (const [round, times] of [
    ['first', 1],
    ['second', 2],
  ] as const) {
    const found = rounds.map((of) => judged(of[round].truths, false));

    test(`the accuracy after the ${round} time is on average that of all chips, and with all truths it is not`, () => {
      assert.ok(found.every(({ n }) => n === times * EACH));
      const error = Math.sqrt((accuracy * (1 - accuracy)) / (times * EACH) / SAMPLES);
      const mean = meanOf(found.map((one) => one.accuracy));
      assert.ok(Math.abs(mean - accuracy) <= 3 * error, `${mean}, and not ${accuracy}`);
      const biased = meanOf(rounds.map((of) => judged(of[round].truths, true).accuracy));
      assert.ok(accuracy - biased > 0.1, `${biased} of ${accuracy}`);
    });

    test(`so are the areas after the ${round} time`, () => {
      for (const [place, share] of sharesOf('truth').entries()) {
        const own = found.map((areas) => areas.areas[place]!.share);
        const mean = meanOf(own);
        const error = Math.sqrt(meanOf(own.map((one) => (one - mean) ** 2)) / SAMPLES);
        assert.ok(Math.abs(mean - share) <= 3 * error, `class ${place}: ${mean}, and not ${share}`);
      }
    });
  }

  test('nobody is asked twice, though a chip that was unsure may be drawn at random later', () => {
    for (const { first, second } of rounds) assert.equal(second.truths.size, first.asked + second.asked);
    assert.ok(rounds.some(({ second }) => second.asked < 2 * EACH));
    const { truths } = rounds[0]!.first;
    assert.deepEqual(labelled(new Map(), 0).truths, truths, 'and the same seed chooses the same');
  });
});

/** What is drawn week by week, 50 chips each time, with the seeds: how many chips of each week, and how many had to be drawn at least. */
function drawnBy(seeds: readonly number[], weeks: readonly number[]) {
  const drawn = new Map<number, number>();
  const ends = weeks.map((_, i) => weeks.slice(0, i + 1).reduce((sum, one) => sum + one, 0));
  const dues = seeds.map((seed, i) => {
    const chips = Array.from({ length: ends[i]! }, (_, index) => {
      const known = drawn.has(index) ? { truth: 0, seed: drawn.get(index)! } : { truth: null };
      return { run: 'r', index, value: 0, rank: 1, ...known } as PredictedChip;
    });
    const chooser = makeChooser(model, { random: EACH, unsure: 0 }, seed);
    chooser.recall(chips);
    for (let from = 0; from < chips.length; from += PART) chooser.add(chips.slice(from, from + PART));
    for (const { chip } of chooser.chosen()) drawn.set(chip.index, seed);
    return chooser.due();
  });
  const of = weeks.map((size, i) => {
    const isOfWeek = (index: number) => index >= ends[i]! - size && index < ends[i]!;
    return [...drawn.keys()].filter(isOfWeek).length;
  });
  return { of, dues };
}

describe('of weeks whose chips are drawn at random one after the other', () => {
  for (const weeks of [
    [200, 1600],
    [1000, 1000],
    [1600, 200],
    [200, 1600, 100, 900],
  ])
    test(`chips of each week have the same chance with the same seed, and the accuracy is that of all: ${weeks}`, () => {
      // The first week is always wrong, and the others are right.
      const all = weeks.reduce((sum, one) => sum + one, 0);
      const rounds = Array.from({ length: 60 }, (_, seed) => drawnBy(Array(weeks.length).fill(seed), weeks).of);
      const wrong = rounds.map(([first = 0, ...others]) => first / others.reduce((sum, one) => sum + one, first));
      const mean = wrong.reduce((sum, one) => sum + one, 0) / rounds.length;
      const spread = Math.sqrt(wrong.reduce((sum, one) => sum + (one - mean) ** 2, 0)) / rounds.length;
      assert.ok(Math.abs(mean - weeks[0]! / all) <= 3 * spread, `${mean}, and not ${weeks[0]! / all}`);
      const shares = weeks.map((size, i) => rounds.reduce((sum, of) => sum + of[i]!, 0) / rounds.length / size);
      const [least, most] = [Math.min(...shares), Math.max(...shares)];
      assert.ok(most / least < 1.15, `${shares}`);
    });

  test('a draw says how many chips it takes because earlier ones had that share', () => {
    const { of, dues } = drawnBy([1, 1], [200, 1600]);
    assert.deepEqual([of[0], dues[0]], [EACH, 0]);
    assert.equal(of[1], dues[1]);
    assert.ok(of[1]! > 300, `${of[1]}`);
  });

  test('with another seed, a draw owes nothing, and chips that were there before have a larger chance', () => {
    const { of, dues } = drawnBy([1, 2], [200, 1600]);
    assert.deepEqual(dues, [0, 0]);
    assert.equal(of[0]! + of[1]!, 2 * EACH);
  });
});

test('a table says how its chips were chosen', async () => {
  const table = 'scene,index,sample,truth\na,1,least-certain,x\na,2,random,x\na,3,,x\na,4,random-12,x\n';
  const { truths } = await readTableOfTruths('t.csv', Buffer.from(table), AT);
  assert.deepEqual(
    truths.map(({ sample }) => sample),
    ['least-certain', 'random', undefined, 'random-12'],
  );
  await assert.rejects(readTableOfTruths('t.csv', Buffer.from('scene,index,sample,truth\na,1,some,x\n'), AT), {
    name: 'InvalidMessage',
    message: /line 2: .*sample: .*allowed is random, random-SEED or least-certain/,
  });
});

test('a GeoPackage is no table of truths, and the message says what is', async () => {
  await assert.rejects(readTableOfTruths('t.gpkg', Buffer.from('SQLite format 3\0"'), AT), {
    message: /^t\.gpkg: found a database of SQLite, as a GeoPackage is; allowed are CSV and Parquet\./,
  });
});
