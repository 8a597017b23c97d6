import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { golden } from '../../../test/suite/golden.ts';
import { makeConfusion, wilsonInterval } from './accuracy.ts';

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

  test('is over the chips with a truth and a prediction', () => {
    assert.deepEqual([accuracy?.n, accuracy?.correct, accuracy?.share], [4, 3, 0.75]);
    assert.deepEqual(accuracy?.mostCommonTruth, { name: 'many', share: 0.75 });
  });

  test('says of each class how much of it was found, and how much of it was right', () => {
    assert.deepEqual(accuracy?.classes, [
      { name: 'many', truth: 3, predicted: 2, correct: 2, recall: 2 / 3, precision: 1 },
      { name: 'none', truth: 1, predicted: 2, correct: 1, recall: 1, precision: 0.5 },
      { name: 'four', truth: 0, predicted: 0, correct: 0, recall: null, precision: null },
    ]);
  });

  test('says which classes were taken for which', () => {
    assert.deepEqual(accuracy?.confusion, [
      { truth: 'many', predicted: 'many', count: 2 },
      { truth: 'many', predicted: 'none', count: 1 },
      { truth: 'none', predicted: 'none', count: 1 },
    ]);
  });

  test('there is none without a truth', () => {
    assert.equal(accuracyOf([[null, 30]]), null);
    assert.equal(accuracyOf([]), null);
  });

  test('is what the slow obvious way finds', () => {
    const value = fc.constantFrom(30, -1, 4, null);
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 40 }), (chips) => {
        const both = chips.filter(([truth, label]) => truth !== null && label !== null);
        const accuracy = accuracyOf(chips);
        assert.equal(accuracy?.n ?? 0, both.length);
        assert.equal(accuracy?.correct ?? 0, both.filter(([truth, label]) => truth === label).length);
        for (const { truth, predicted, count } of accuracy?.confusion ?? []) {
          const numberOf = (name: string) => classes.find((one) => one.name === name)?.value;
          assert.equal(both.filter(([t, l]) => t === numberOf(truth) && l === numberOf(predicted)).length, count);
        }
      }),
    );
  });

  test("of the bundled shard is what golden.py's predictions and labels give", () => {
    const model = ['cows-0', 'cows-1', 'cows-2', 'cows-3plus'].map((name, value) => ({ name, value }));
    const confusion = makeConfusion(model);
    const { records, models } = golden;
    const predicted = models.baseline.predictions.map((one) => model.findIndex(({ name }) => name === one.class));
    for (const [i, { truth }] of records.entries()) confusion.add({ truth, value: predicted[i]! });
    const right = records.filter(({ truth }, i) => truth === predicted[i]).length;
    assert.deepEqual([confusion.accuracy()?.n, confusion.accuracy()?.correct], [79, right]);
  });
});

// R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998) 857,
// table I, method 3.
for (const [correct, n, low, high] of [
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
] as const)
  test(`the interval of ${correct} of ${n} is ${low} to ${high}`, () => {
    assert.deepEqual(
      wilsonInterval(correct, n).map((end) => Number(end.toFixed(4))),
      [low, high],
    );
    const [lowRest, highRest] = wilsonInterval(n - correct, n);
    assert.deepEqual([lowRest, highRest].map((end) => Number((1 - end).toFixed(4))).reverse(), [low, high]);
  });

function accuracyOf(chips: (readonly [truth: number | null, label: number | null])[]) {
  const confusion = makeConfusion(classes);
  for (const [truth, label] of chips) confusion.add({ truth, value: label });
  return confusion.accuracy();
}
