import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../../replay/sfc32.ts';
import { modelOf } from '../../../test/benches/predictions.ts';
import { stratifiedAreas } from '../../statistics/stratifiedAreas.ts';
import { accuracyOfCounts } from '../../tasks/classification/accuracy.ts';
import { classCounts, withTruths } from '../../tasks/classification/classCounts.ts';
import { readTableOfTruths } from './tableOfTruths.ts';
import { counted, merged, type Told } from './toldTruths.ts';
import { toTruth, toTruthJson } from './truth.ts';

const AT = '2026-03-02T10:00:00.000Z';
const CLASSES = 4;
const CHIPS = 4000;
const EACH = 100;
const SAMPLES = 400;
const model = modelOf(Array.from({ length: CLASSES }, (_, value) => ({ value, name: `c${value}` })));

describe('of chips that are labelled one half at random and one half because the model is unsure', () => {
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

  /** What a sample says, with the truths that count, or with all of them. */
  function judged(told: readonly Told[], areAllCounted: boolean) {
    const { truths } = merged(new Map(), told);
    const compared = chips.map((chip) => {
      const late = truths.get(chip.index);
      return { ...chip, truth: (areAllCounted ? late?.truth : counted(late)) ?? null };
    });
    const found = accuracyOfCounts(withTruths(classCounts.zero(model), compared, model), model)!;
    const confusion = model.classes.map(({ name: predicted }) =>
      model.classes.map(
        ({ name }) => found.confusion!.find((one) => one.truth === name && one.predicted === predicted)?.count ?? 0,
      ),
    );
    return { n: found.n, accuracy: found.share, areas: stratifiedAreas(sharesOf('value'), confusion) };
  }

  const samples = Array.from({ length: SAMPLES }, () => {
    const drawn = chips.map((chip) => ({ chip, at: random() })).sort((a, b) => a.at - b.at);
    const doubtful = drawn.slice(EACH).sort((a, b) => a.chip.probability - b.chip.probability);
    const toldOf = (some: typeof drawn, isChosen: boolean) =>
      some.slice(0, EACH).map(({ chip: { index, truth } }): Told => ({ index, truth, at: AT, isChosen }));
    return [...toldOf(drawn, false), ...toldOf(doubtful, true)];
  });
  const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

  test('the accuracy of those that count is on average that of all chips, and with all of them it is not', () => {
    const found = samples.map((told) => judged(told, false));
    assert.ok(found.every(({ n }) => n === EACH));
    const error = Math.sqrt((accuracy * (1 - accuracy)) / EACH / SAMPLES);
    const mean = meanOf(found.map((one) => one.accuracy));
    assert.ok(Math.abs(mean - accuracy) <= 3 * error, `${mean}, and not ${accuracy}`);
    const biased = meanOf(samples.map((told) => judged(told, true).accuracy));
    assert.equal(Math.round(100 * (accuracy - biased)), 15);
  });

  test('so are the areas', () => {
    const found = samples.map((told) => judged(told, false).areas);
    for (const [place, share] of sharesOf('truth').entries()) {
      const own = found.map((areas) => areas[place]!.share);
      const mean = meanOf(own);
      const error = Math.sqrt(meanOf(own.map((one) => (one - mean) ** 2)) / SAMPLES);
      assert.ok(Math.abs(mean - share) <= 3 * error, `class ${place}: ${mean}, and not ${share}`);
    }
  });
});

test('a table says how its chips were chosen, and so do messages', async () => {
  const table = 'scene,index,sample,truth\na,1,least-certain,x\na,2,random,x\na,3,,x\n';
  const { truths } = await readTableOfTruths('t.csv', Buffer.from(table), AT);
  assert.deepEqual(
    truths.map(({ sample }) => sample),
    ['least-certain', 'random', undefined],
  );
  for (const truth of truths) assert.deepEqual(toTruth(toTruthJson(truth), AT, truth.where), truth);
  await assert.rejects(readTableOfTruths('t.csv', Buffer.from('scene,index,sample,truth\na,1,some,x\n'), AT), {
    name: 'InvalidMessage',
    message: /line 2: .*sample: .*allowed is random or least-certain/,
  });
});
