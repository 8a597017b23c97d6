import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import { addTotals, totalsOfRun } from '../../drift/totals.ts';
import { datumsOf, judgeDrift } from '../../drift/window.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { Histogram } from '../../statistics/histogram.ts';
import { inRow, ofRow, taskNamed } from '../registry.ts';
import { compareTruths, shownOf } from '../shownRegistry.ts';
import { withTruths } from '../sums.ts';
import { countErrors } from './errorSum.ts';
import { regression } from './regression.ts';
import { errorsOfValues, regressionShown, type ValueErrors } from './shown.ts';
import { type ValueSum, valueSum } from './valueSum.ts';

type Case = Pick<ValueErrors, 'meanAbsoluteError' | 'rootMeanSquareError' | 'bias' | 'biasInterval' | 'r2'> & {
  name: string;
  truth: number[];
  predicted: number[];
};
/** scikit-learn's and statsmodels' answers: errorVectors.py. */
const vectors: { cases: Case[] } = JSON.parse(readFileSync(new URL('errors.vectors.json', import.meta.url), 'utf8'));

const reference: Histogram = { edges: [0, 10, 20, 40], counts: [0, 5, 20, 5, 0] };
const model: ModelPackage<Histogram> = { ...modelOf([]), task: taskNamed('regression'), reference };
const sumOf = (predicted: readonly (number | null)[], truth: readonly (number | null)[]): ValueSum =>
  valueSum.of({ value: predicted, true_value: truth }, model);

/** Within 1e-9 of the larger of the two, or of 1e-9 where they are small beside the values. */
function near(found: number | null | undefined, wanted: number | null, what: string, scale = 1): void {
  if (found == null || wanted === null) assert.equal(found ?? null, wanted, what);
  else
    assert.ok(Math.abs(found - wanted) <= 1e-9 * Math.max(scale, Math.abs(wanted)), `${what}: ${found}, not ${wanted}`);
}

describe('the errors of a window equal the results of scikit-learn and statsmodels:', () => {
  for (const { name, truth, predicted, ...wanted } of vectors.cases)
    test(name, () => {
      const chip = countErrors();
      for (const [i, value] of predicted.entries()) chip.add({ value, truth: truth[i]! });
      const parts = [
        [0, 1],
        [1, 9],
        [9, Infinity],
      ].map(([from, to]) => sumOf(predicted.slice(from, to), truth.slice(from, to)));
      const byRows = parts.map((sum) => ofRow(inRow(sum, model)) as ValueSum);
      for (const found of [
        errorsOfValues(sumOf(predicted, truth), {})!,
        errorsOfValues(byRows.reduce(valueSum.add), {})!,
        errorsOfValues(chip.counts(), {})!,
      ]) {
        assert.equal(found.n, truth.length);
        for (const number of ['meanAbsoluteError', 'rootMeanSquareError', 'bias', 'r2'] as const)
          near(found[number], wanted[number], number);
        for (const end of [0, 1]) near(found.biasInterval?.[end], wanted.biasInterval?.[end] ?? null, `end ${end}`);
      }
    });
});

describe('the truth of values', () => {
  test('counts only if there is also a prediction', () => {
    const { errors } = sumOf([1, null, 3, 4], [2, 5, null, 4]);
    assert.partialDeepStrictEqual(errors, { n: 2, absolute: 1, mean: -0.5 });
    assert.equal(sumOf([1, null], [null, 3]).errors, undefined);
    assert.equal(valueSum.of({ value: [1, 2] }, model).errors, undefined);
  });

  test('that is added later replaces that of the file', () => {
    const before = sumOf([1, 2], [5, 5]);
    const after = withTruths(
      before,
      [
        { value: 1, truth: 1 },
        { value: 2, truth: null },
      ],
      countErrors(),
    );
    assert.partialDeepStrictEqual(after.errors, { n: 1, absolute: 0 });
    const { errors: _, ...rest } = before;
    assert.partialDeepStrictEqual(after, rest);
    assert.equal(withTruths(before, [], countErrors()).errors, undefined);
  });

  test('is published and shown as errors only if it is known', () => {
    const published = (sum: ValueSum) =>
      datumsOf(
        judgeDrift({ sceneSquares: 4, chips: 2, blank: 0, ...sum }, model, { threshold: 0.25, minimum: 1 }),
        model,
        model,
        'day',
      )
        .filter(({ metric }) => /Error$/.test(metric))
        .map(({ metric, value }) => [metric, value]);
    assert.deepEqual(published(sumOf([3, 5], [2, 2])), [
      ['MeanAbsoluteError', 2],
      ['RootMeanSquareError', Math.sqrt(5)],
      ['MeanError', 2],
    ]);
    assert.deepEqual(published(sumOf([3, 5], [null, null])), []);
    const told = regressionShown.accuracy(sumOf([3, 5], [2, 2]), model);
    assert.deepEqual(
      [told!.figure, ...told!.figures!].map(({ name }) => name),
      ['Mean absolute error', 'Root mean square error', 'Bias', 'R²'],
    );
    assert.match(
      told!.sentence,
      /off by 2 on average .* their mean error is 2 \(95.% interval if chips are independent: 0\.04004 to 3\.96\)/,
    );
    assert.equal(regressionShown.accuracy(sumOf([3], [null]), model), null);
  });

  test('whose chips are alike within scenes gives the bias an interval by scenes, as statsmodels does; a single scene gives none', () => {
    const scenes = [
      [1.5, 1.25, 1.75, 1],
      [-0.5, 0, -0.25, -1],
      [0.25, 0.5, 0.75, 1],
      [2, 1.5, 2.5, 1],
      [0, 0.5, -0.5, 0.25],
    ];
    const byScene = { ...model, unit: 'scene' } as const;
    const accuracyOf = (errors: readonly number[][], key: string, of: ModelPackage<Histogram>) => {
      const runs = errors.map((values) => {
        const summary = inRow(
          sumOf(
            values,
            values.map(() => 0),
          ),
          of,
        );
        return totalsOfRun({ ...summary, chips: values.length, scene: { bucket: 'b', key, versionId: 'v' } });
      });
      return shownOf(of).accuracy(runs.reduce(addTotals), of) as ValueErrors;
    };
    const interval = (...of: Parameters<typeof accuracyOf>) =>
      accuracyOf(...of).biasInterval?.map((end) => end.toFixed(12));
    // statsmodels 0.15.0: OLS(errors, ones).fit(cov_type='cluster', cov_kwds={'groups': scene}, use_t=True).conf_int()
    assert.deepEqual(interval(scenes, 'a.tif', byScene), ['-0.446102525491', '1.796102525491']);
    // The same with a group for each error: of requests, each chip counts by itself.
    assert.deepEqual(interval(scenes, 'requests/a.json', byScene), ['0.245352793291', '1.104647206709']);
    assert.equal(interval(scenes.slice(0, 1), 'a.tif', byScene), undefined);
    assert.match(
      accuracyOf(scenes, 'a.tif', byScene).sentence,
      /is 0\.675 \(95.% interval by scenes: -0\.4461 to 1\.796\)/,
    );
    const compared = compareTruths(byScene);
    for (const [i, values] of scenes.entries())
      for (const value of values) compared.add({ value, truth: 0 }, String(i));
    const wanted = accuracyOf(scenes, 'a.tif', byScene).biasInterval!;
    for (const end of [0, 1])
      near((compared.accuracy() as ValueErrors).biasInterval?.[end], wanted[end]!, `end ${end}`);
  });

  test('may be as large as a float32, which a row can store, and larger values are refused', () => {
    const { has } = regression.truth.allowed(model);
    const largest = (2 - 2 ** -23) * 2 ** 127;
    for (const number of [largest, -largest, 0]) assert.ok(has(number), String(number));
    for (const number of [Number.MAX_VALUE, -Number.MAX_VALUE, 1e39, Infinity, Number.NaN])
      assert.ok(!has(number), String(number));
    const sum = sumOf([-largest, largest, 1], [largest, -largest, -largest]);
    assert.deepEqual(valueSum.schema.parse(JSON.parse(JSON.stringify(sum))), sum);
  });
});
