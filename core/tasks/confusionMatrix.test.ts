import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonClasses, confusionMatrix } from './confusionMatrix.ts';

/** Class i has i chips, of which one is taken for class 0, and class 0 has none. */
const classes = Array.from({ length: 500 }, (_, i) => ({
  name: `c${i}`,
  truth: i,
  predicted: i === 0 ? 499 : i - 1,
  correct: i === 0 ? 0 : i - 1,
  recall: i === 0 ? null : (i - 1) / i,
  precision: i === 1 ? null : i === 0 ? 0 : 1,
}));
const confusion = classes.slice(1).flatMap(({ name, correct }) => [
  { truth: name, predicted: 'c0', count: 1 },
  { truth: name, predicted: name, count: correct },
]);

test('the ten most common of 500 classes have a row each, and the others one row with their sums', () => {
  const common = commonClasses(classes);
  assert.deepEqual(
    common.map(({ name }) => name),
    [...Array.from({ length: 10 }, (_, i) => `c${490 + i}`), 'others (490)'],
  );
  const { truth, predicted, correct, recall, precision } = common.at(-1)!;
  assert.deepEqual([truth, predicted, correct], [(489 * 490) / 2, 499 + (488 * 489) / 2, (488 * 489) / 2]);
  assert.deepEqual([recall, precision], [correct / truth, correct / predicted]);
});

test('the confusion matrix of 500 classes has eleven rows, which add up to all predictions', () => {
  const { names, counts, single } = confusionMatrix({ classes, confusion });
  assert.deepEqual([names.length, counts.length, counts[0]!.length, single], [11, 11, 11, 10]);
  assert.deepEqual([counts[9]![9], counts[9]![10], counts[10]![10]], [498, 1, 489 + (488 * 489) / 2]);
  assert.equal(
    counts.flat().reduce((sum, n) => sum + n, 0),
    (499 * 500) / 2,
  );
});

test('a matrix of few classes has all classes that occur', () => {
  assert.deepEqual(confusionMatrix({ classes: classes.slice(0, 3), confusion: confusion.slice(0, 4) }), {
    names: ['c0', 'c1', 'c2'],
    single: 3,
    counts: [
      [0, 0, 0],
      [1, 0, 0],
      [1, 0, 1],
    ],
  });
});
