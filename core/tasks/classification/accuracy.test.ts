import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { sfc32 } from '../../../replay/sfc32.ts';
import { modelOf } from '../../../test/benches/predictions.ts';
import { countsIn } from '../../../test/benches/summaries.ts';
import { makeConfusion, truthsBy } from '../../../test/benches/truths.ts';
import { added } from '../../base/added.ts';
import { productsOf } from '../../statistics/meanOfScenes.ts';
import { Z } from '../../statistics/normal.ts';
import { inRow } from '../registry.ts';
import { accuracyOfCounts } from './accuracy.ts';
import { classCounts, countTruths } from './classCounts.ts';
import { independentOf, intervalOfRight, shortfallOf } from './intervalOfRight.ts';
import { wilson } from './numbers.ts';

const withTruths = truthsBy(countTruths);

const wilsonInterval = (correct: number, n: number) => wilson(correct / n, n, Z);

// The order of the package is not that of the values.
const classes = [
  { value: 30, name: 'many' },
  { value: -1, name: 'none' },
  { value: 4, name: 'four' },
];

describe('accuracy', () => {
  const accuracy = accuracyOf([
    [30, 30],
    [30, -1],
    [30, 30],
    [-1, -1],
    [-1, null], // an output that was not finite
    [null, 4], // a file that does not say
    [7, 4], // a truth that the package does not know
  ]);

  test('is computed from the chips with a truth and a prediction', () => {
    assert.deepEqual([accuracy?.n, accuracy?.correct, accuracy?.share], [4, 3, 0.75]);
    assert.deepEqual(accuracy?.mostCommonTruth, { name: 'many', share: 0.75 });
  });

  test('has the recall and precision of each class', () => {
    assert.deepEqual(accuracy?.classes, [
      { name: 'many', truth: 3, predicted: 2, correct: 2, recall: 2 / 3, precision: 1 },
      { name: 'none', truth: 1, predicted: 2, correct: 1, recall: 1, precision: 0.5 },
      { name: 'four', truth: 0, predicted: 0, correct: 0, recall: null, precision: null },
    ]);
  });

  test('has the confusion of classes', () => {
    assert.deepEqual(accuracy?.confusion, [
      { truth: 'many', predicted: 'many', count: 2 },
      { truth: 'many', predicted: 'none', count: 1 },
      { truth: 'none', predicted: 'none', count: 1 },
    ]);
  });

  test('is null without a truth', () => {
    assert.equal(accuracyOf([[null, 30]]), null);
    assert.equal(accuracyOf([]), null);
  });
});

type Vectors = {
  cases: {
    name: string;
    classes: number;
    truth: number[];
    predicted: number[];
    accuracy: number;
    interval: [number, number];
    confusion: number[][];
    precision: (number | null)[];
    recall: (number | null)[];
    support: number[];
  }[];
  intervals: { right: number; n: number; interval: [number, number] }[];
};
/** scikit-learn's and statsmodels' answers: vectors.py. */
const vectors: Vectors = JSON.parse(readFileSync(new URL('accuracy.vectors.json', import.meta.url), 'utf8'));

const near = (found: number | null, wanted: number | null, what: string) =>
  found === null || wanted === null
    ? assert.equal(found, wanted, what)
    : assert.ok(Math.abs(found - wanted) <= 1e-12, `${what}: ${found}, and not ${wanted}`);

describe('the accuracy of a window equals the results of scikit-learn and statsmodels:', () => {
  for (const { name, classes: count, truth, predicted, ...wanted } of vectors.cases)
    test(name, () => {
      const model = modelOf(Array.from({ length: count }, (_, i) => ({ name: `c${i}`, value: 10 * i })));
      const chips = truth.map((of, i) => ({ truth: 10 * of, value: 10 * predicted[i]! }));
      const counts = withTruths(classCounts.zero(model), chips, model);
      const found = accuracyOfCounts(counts, model)!;
      near(found.share, wanted.accuracy, 'accuracy');
      for (const end of [0, 1] as const) near(found.interval[end], wanted.interval[end], `end ${end} of the interval`);
      for (const [i, one] of found.classes.entries()) {
        near(one.recall, wanted.recall[i]!, `recall of ${one.name}`);
        near(one.precision, wanted.precision[i]!, `precision of ${one.name}`);
        assert.equal(one.truth, wanted.support[i], `support of ${one.name}`);
      }
      const table = model.classes.map((row) =>
        model.classes.map(
          (column) =>
            found.confusion!.find((one) => one.truth === row.name && one.predicted === column.name)?.count ?? 0,
        ),
      );
      assert.deepEqual(table, wanted.confusion);

      const confusion = makeConfusion(model.classes);
      for (const chip of chips) confusion.add(chip);
      assert.deepEqual(confusion.accuracy(), found, 'chip by chip it is the same');

      // Part by part, by the rows of a table, in any order.
      const parts = [chips.slice(0, 7), chips.slice(7, 30), chips.slice(30)].map((some) =>
        countsIn(inRow(withTruths(classCounts.zero(model), some, model), model)),
      );
      assert.deepEqual(accuracyOfCounts(parts.toReversed().reduce(classCounts.add), model), found);
    });

  for (const { right, n, interval } of vectors.intervals)
    test(`the interval of ${right} of ${n}`, () => {
      for (const end of [0, 1] as const) near(wilsonInterval(right, n)[end], interval[end], `end ${end}`);
    });
});

describe('the expected accuracy of a package', () => {
  const model = { ...modelOf(classes), expectedAccuracy: 0.9 };
  /** So many of a hundred that are right. */
  const counted = (right: number) => ({ ...classCounts.zero(model), truths: [60, 40, 0], right: [right, 0, 0] });

  test('is missed if the whole interval is below it, with the shortfall', () => {
    assert.deepEqual(accuracyOfCounts(counted(60), model)?.expected, { value: 0.9, isMissed: true });
    const right = { n: 100, correct: 60 };
    assert.equal(shortfallOf(right, wilsonInterval(60, 100), model), 0.9 - wilsonInterval(60, 100)[1]);
    assert.match(
      accuracyOfCounts(counted(60), model)!.warning!,
      /at most .* by the 95.% interval, and the package expects 90/,
    );
    assert.match(
      accuracyOfCounts(counted(60), model)!.sentence,
      /The package expects 90.%; the interval lies wholly below that\.$/,
    );
    assert.equal(accuracyOfCounts(counted(60), model)!.isWorse, 'surely');
  });

  test('is not missed where the interval reaches it, and chance may explain the rest', () => {
    const reached = { ...counted(60), right: [60, 26, 0] };
    const found = accuracyOfCounts(reached, model)!;
    assert.deepEqual([found.share, found.expected, found.warning], [0.86, { value: 0.9, isMissed: false }, null]);
    assert.match(accuracyOfCounts(reached, model)!.sentence, /the interval reaches that\.$/);
    assert.equal(accuracyOfCounts(reached, model)!.isWorse, null);
  });

  test('is not missed where the whole interval is above it', () => {
    const exceeded = accuracyOfCounts({ ...counted(60), right: [60, 39, 0] }, model)!;
    assert.equal(exceeded.expected!.isMissed, false);
    assert.match(exceeded.sentence, /the interval lies wholly above that\.$/);
  });

  /** How likely `of` chips are judged worse than a guess, of a model that is right more often. */
  const judgedWorse = (of: number, guess: number, right: number) => {
    const random = sfc32(1, 2, of);
    let worse = 0;
    for (let draw = 0; draw < 2000; draw += 1) {
      const chips = Array.from({ length: of }, () => ({ truth: random() < guess ? 0 : 1, isRight: random() < right }));
      const truths = [0, 1, 2].map((place) => chips.filter(({ truth }) => truth === place).length);
      const hits = [0, 1, 2].map((place) => chips.filter(({ truth, isRight }) => truth === place && isRight).length);
      if (accuracyOfCounts({ truths, right: hits }, modelOf(classes))!.isWorse === 'surely') worse += 1;
    }
    return worse / 2000;
  };

  test('is rarely worse than naming one class by chance, however few truths are known, and found where it is', () => {
    for (const [of, guess, right] of [
      [2, 0.95, 0.97],
      [10, 0.9, 0.95],
      [20, 0.95, 0.97],
      [20, 0.9, 0.95],
    ] as const)
      assert.ok(judgedWorse(of, guess, right) <= 0.05, `${of} of ${guess} and ${right}`);
    assert.ok(judgedWorse(60, 0.8, 0.5) > 0.9);
  });

  test('is not judged without truth, or if the package expects nothing', () => {
    assert.equal(shortfallOf({ n: 100, correct: 60 }, [0.5, 0.7], modelOf(classes)), null);
    assert.equal(accuracyOfCounts(classCounts.zero(model), model), null);
    assert.equal(accuracyOfCounts(counted(60), modelOf(classes))?.expected, undefined);
  });

  test('is missed by less where it was itself found on few held-out data', () => {
    const right = { n: 100, correct: 84 };
    const interval = wilsonInterval(84, 100);
    const told = { ...model, heldOut: { chips: 200, right: 180 } };
    // statsmodels: confint_proportions_2indep(180, 200, 84, 100, method='newcomb')[0]
    assert.equal(shortfallOf(right, interval, told)!.toFixed(4), '-0.0170');
    assert.ok(shortfallOf({ n: 100, correct: 70 }, wilsonInterval(70, 100), told)! > 0);
    const vague = { ...told, heldOut: { chips: 20, right: 18 } };
    assert.match(
      accuracyOfCounts({ truths: [60, 40, 0], right: [60, 16, 0] }, vague)!.sentence,
      /too uncertain itself/,
    );
  });
});

describe('the interval of an accuracy over scenes', () => {
  const scenes = [0.95, 0.9, 0.6, 0.85, 0.99, 0.8, 0.91].map((share) => ({ n: 100, sum: 100 * share }));
  const truthScenes = scenes.map((scene) => productsOf(scene)).reduce((a, b) => added(a, b));
  const right = { n: 700, correct: 600 };

  test('is wider than by chips where scenes differ, and the same if each chip is independent', () => {
    const [low, high] = intervalOfRight(right, { truthScenes }, { unit: 'scene' });
    const byChips = wilsonInterval(600, 700);
    assert.ok(low < byChips[0] - 0.05 && high > byChips[1] + 0.03, `${low} to ${high}`);
    assert.deepEqual(intervalOfRight(right, { truthScenes }, { unit: 'chip' }), byChips);
    assert.deepEqual(intervalOfRight(right, {}, { unit: 'scene' }), byChips);
  });

  test('is everything for a single scene', () => {
    const one = productsOf({ n: 100, sum: 90 });
    assert.deepEqual(intervalOfRight({ n: 100, correct: 90 }, { truthScenes: one }, { unit: 'scene' }), [0, 1]);
  });

  test('is everything for two scenes of which one has nearly all truths, and misses no expectation', () => {
    const truthScenes = added(productsOf({ n: 1000, sum: 300 }), productsOf({ n: 1, sum: 0 }));
    const right = { n: 1001, correct: 300 };
    const interval = intervalOfRight(right, { truthScenes }, { unit: 'scene' });
    assert.deepEqual(interval, [0, 1]);
    assert.equal(shortfallOf(right, interval, { expectedAccuracy: 0.9 }), 0.9 - 1);
    assert.ok(shortfallOf(right, interval, { expectedAccuracy: 0.9, heldOut: { chips: 200, right: 180 } })! < 0);
  });

  for (const [alike, other] of [
    [
      [0, 0, 0, 0],
      [1, 0, 0, 0],
    ],
    [
      [20, 20, 20, 20],
      [21, 20, 20, 19],
    ],
    [
      [40, 40, 40],
      [40, 40, 39],
    ],
  ] as const)
    test(`is hardly another for scenes of 40 with ${other.join(', ')} right than with ${alike.join(', ')}`, () => {
      const [first, second] = [alike, other].map((rights) => {
        const products = rights.map((sum) => productsOf({ n: 40, sum })).reduce((a, b) => added(a, b));
        const known = { n: 40 * rights.length, correct: rights.reduce<number>((sum, of) => sum + of, 0) };
        const interval = intervalOfRight(known, { truthScenes: products }, { unit: 'scene' }, 0.005);
        return { interval, shortfall: shortfallOf(known, interval, { expectedAccuracy: 0.9 }, 0.005)! };
      });
      const apart = first!.interval.map((end, i) => Math.abs(end - second!.interval[i]!));
      assert.ok(Math.max(...apart) < 0.03, JSON.stringify({ first, second }));
      assert.equal(first!.shortfall > 0, alike[0] < 40);
      assert.equal(second!.shortfall > 0, alike[0] < 40);
    });

  /** Scenes of 40 chips whose share of right ones differs by 0.1, and how often such a day misses what was found on others. */
  function missed(heldOut: number, drop: number, isTold: boolean) {
    const random = sfc32(3, 5, heldOut);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const drawn = (scenes: number, mean: number) => {
      const own = Array.from({ length: scenes }, () => {
        const share = Math.min(1, Math.max(0, mean + 0.1 * normal()));
        return { n: 40, sum: Array.from({ length: 40 }, () => Number(random() < share)).reduce((a, b) => a + b) };
      });
      const right = { n: 40 * scenes, correct: own.reduce((sum, scene) => sum + scene.sum, 0) };
      return { right, sum: { truthScenes: own.map((scene) => productsOf(scene)).reduce((a, b) => added(a, b)) } };
    };
    const [unit, alpha] = ['scene', 0.0044] as const;
    let days = 0;
    for (let day = 0; day < 500; day += 1) {
      const [then, now] = [drawn(heldOut, 0.8), drawn(20, 0.8 - drop)];
      const expectedOn = isTold && independentOf(then.right, then.sum, { unit });
      const model = { unit, expectedAccuracy: then.right.correct / then.right.n, ...(expectedOn && { expectedOn }) };
      if (shortfallOf(now.right, intervalOfRight(now.right, now.sum, model, alpha), model, alpha)! > 0) days += 1;
    }
    return days / 500;
  }

  test('is as uncertain of the expected accuracy as the held-out scenes that it was found on, and finds a drop', () => {
    assert.ok(missed(4, 0, false) > 0.05, 'if that were exact');
    for (const heldOut of [4, 8, 20]) assert.ok(missed(heldOut, 0, true) <= 0.01, `${heldOut} held-out scenes`);
    assert.ok(missed(20, 0.3, true) > 0.9);
    assert.equal(
      independentOf({ n: 100, correct: 90 }, { truthScenes: productsOf({ n: 100, sum: 90 }) }, { unit: 'scene' }),
      null,
    );
  });

  test('misses the true accuracy in at most 6 of 100 weeks of seven scenes that differ by 0.1', () => {
    const random = sfc32(2, 4, 6);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    let missed = 0;
    for (let week = 0; week < 2000; week += 1) {
      const own = Array.from({ length: 7 }, () => {
        const share = Math.min(1, Math.max(0, 0.75 + 0.1 * normal()));
        return { n: 100, sum: Array.from({ length: 100 }, () => Number(random() < share)).reduce((a, b) => a + b) };
      });
      const correct = own.reduce((sum, scene) => sum + scene.sum, 0);
      const products = own.map((scene) => productsOf(scene)).reduce((a, b) => added(a, b));
      const [low, high] = intervalOfRight({ n: 700, correct }, { truthScenes: products }, { unit: 'scene' });
      if (low > 0.75 || high < 0.75) missed += 1;
    }
    assert.ok(missed <= 120, `${missed} of 2000`);
  });
});

function accuracyOf(chips: (readonly [truth: number | null, label: number | null])[]) {
  const confusion = makeConfusion(classes);
  for (const [truth, label] of chips) confusion.add({ truth, value: label });
  return confusion.accuracy();
}
