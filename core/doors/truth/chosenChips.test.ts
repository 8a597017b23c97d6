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
import { withTruths } from '../../tasks/withTruths.ts';
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
    return { truths: merged(before, told).truths, asked: chosen.filter(({ chip }) => !before.has(chip.index)).length };
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

  test('chips that come later have the same chance, with the same seed; with another, those that were there before have more', () => {
    const open = (index: number) => ({ run: 'r', index, value: 0, rank: 1, truth: null }) as PredictedChip;
    const early = (again: number) => {
      const drawn = new Set<number>();
      for (const [until, seed] of [
        [2000, 1],
        [4000, again],
      ] as const) {
        const chooser = makeChooser(model, { random: 400, unsure: 0 }, seed);
        chooser.add(
          Array.from({ length: until }, (_, index) => index)
            .filter((index) => !drawn.has(index))
            .map(open),
        );
        for (const { chip } of chooser.chosen()) drawn.add(chip.index);
      }
      return [...drawn].filter((index) => index < 2000).length;
    };
    assert.ok(Math.abs(early(1) - 400) < 40, `${early(1)} of 800`);
    assert.ok(early(2) > 520, `${early(2)} of 800`);
  });

  test('nobody is asked twice, though a chip that was unsure may be drawn at random later', () => {
    for (const { first, second } of rounds) assert.equal(second.truths.size, first.asked + second.asked);
    assert.ok(rounds.some(({ second }) => second.asked < 2 * EACH));
    const { truths } = rounds[0]!.first;
    assert.deepEqual(labelled(new Map(), 0).truths, truths, 'and the same seed chooses the same');
  });
});

test('a table says how its chips were chosen', async () => {
  const table = 'scene,index,sample,truth\na,1,least-certain,x\na,2,random,x\na,3,,x\n';
  const { truths } = await readTableOfTruths('t.csv', Buffer.from(table), AT);
  assert.deepEqual(
    truths.map(({ sample }) => sample),
    ['least-certain', 'random', undefined],
  );
  await assert.rejects(readTableOfTruths('t.csv', Buffer.from('scene,index,sample,truth\na,1,some,x\n'), AT), {
    name: 'InvalidMessage',
    message: /line 2: .*sample: .*allowed is random or least-certain/,
  });
});

test('a GeoPackage is no table of truths, and the message says what is', async () => {
  await assert.rejects(readTableOfTruths('t.gpkg', Buffer.from('SQLite format 3\0"'), AT), {
    message: /^t\.gpkg: found a database of SQLite, as a GeoPackage is; allowed are CSV and Parquet\./,
  });
});
