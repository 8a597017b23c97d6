import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { modelOf } from '../../../test/benches/predictions.ts';
import { countsIn } from '../../../test/benches/summaries.ts';
import { truthsBy } from '../../../test/benches/truths.ts';
import { MAX_CONFUSION_CLASSES } from '../../base/limits.ts';
import { addTotals, type Sums, sumsOf, totalsOfRun } from '../../drift/totals.ts';
import type { KnownPlaces } from '../../statistics/stratifiedAreas.ts';
import { inRow, ofRow } from '../registry.ts';
import { accuracyOfCounts } from './accuracy.ts';
import { addedConfused, cellOf, classCounts, confusedIn, countTruths } from './classCounts.ts';

const withTruths = truthsBy(countTruths);

const modelWith = (classes: number) =>
  modelOf(Array.from({ length: classes }, (_, value) => ({ name: `c${value}`, value })));

/** Each class taken for each other one, so many times. */
function everyPair(classes: number, times: number) {
  const model = modelWith(classes);
  const chips = model.classes.flatMap(({ value: truth }) =>
    model.classes.filter(({ value }) => value !== truth).map(({ value }) => ({ truth, value })),
  );
  return { model, chips: Array.from({ length: times }, () => chips).flat() };
}

test('confused pairs add up to the same in any order, each listed once and sorted', () => {
  const place = fc.nat(5);
  const counts = fc.array(fc.tuple(place, place, fc.integer({ min: 1, max: 9 })), { maxLength: 12 }).map((pairs) => {
    const cells = new Map(pairs.map(([truth, predicted, count]) => [cellOf(truth, predicted), count]));
    return confusedIn(cells);
  });
  fc.assert(
    fc.property(counts, counts, counts, (a, b, c) => {
      const sum = addedConfused(addedConfused(a, b), c);
      assert.deepEqual(sum, addedConfused(c, addedConfused(b, a)));
      assert.deepEqual(
        sum,
        sum.toSorted((one, other) => one[0] - other[0] || one[1] - other[1]),
      );
      const total = (some: typeof a) => some.reduce((all, [, , count]) => all + count, 0);
      assert.equal(total(sum), total(a) + total(b) + total(c));
    }),
  );
});

describe('a model with the largest number of classes for a matrix', () => {
  const { model, chips } = everyPair(MAX_CONFUSION_CLASSES, 3);
  const sum = withTruths(classCounts.zero(model), chips, model);

  test('stores each pair, and all of them fit into a table row', () => {
    assert.equal(sum.confused?.length, MAX_CONFUSION_CLASSES * (MAX_CONFUSION_CLASSES - 1));
    const bytes = Buffer.byteLength(inRow(sum, model).summary);
    assert.ok(bytes < 60_000, `${bytes} bytes`);
    assert.ok(JSON.stringify(sum).length < 80_000);
    assert.deepEqual(ofRow(inRow(sum, model)), sum);
  });

  test('keeps their land in a day of many runs, which fits into a table row as well', () => {
    const ofRuns = Array.from({ length: 10 }, (_, run) => {
      const hectares = sum.counts.map((count) => (count + 1) * (2.3717 + run / 7));
      const counts = sum.counts.map((count) => count + 1);
      return totalsOfRun({ summary: inRow({ ...sum, counts, hectares }, model).summary, chips: chips.length } as Sums);
    });
    const day = sumsOf(ofRuns.reduce(addTotals));
    assert.equal(
      Object.keys((day.knownLand as KnownPlaces).land).length,
      MAX_CONFUSION_CLASSES * (MAX_CONFUSION_CLASSES - 1),
    );
    const bytes = JSON.stringify(day).length;
    assert.ok(bytes < 180_000, `${bytes} bytes`);
  });
});

test('a model with one class more stores recall and precision, but no matrix', () => {
  const { model, chips } = everyPair(MAX_CONFUSION_CLASSES + 1, 1);
  const sum = withTruths(classCounts.zero(model), [...chips, { truth: 0, value: 0 }], model);
  assert.equal(sum.confused, undefined);
  const kept = countsIn(inRow(sum, model));
  assert.deepEqual(kept, sum);
  const found = accuracyOfCounts(classCounts.add(kept, classCounts.zero(model)), model)!;
  assert.equal(found.confusion, undefined);
  assert.deepEqual(found.classes[0], {
    name: 'c0',
    truth: 65,
    predicted: 65,
    correct: 1,
    recall: 1 / 65,
    precision: 1 / 65,
  });
});
