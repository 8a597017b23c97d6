import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as z from 'zod';
import { modelOf } from '../../../test/benches/predictions.ts';
import { totalsOfRun } from '../../drift/totals.ts';
import { judgeDrift } from '../../drift/window.ts';
import { measured } from '../../measures/registry.ts';
import { taskOfItem } from '../../package/interpretOutput.ts';
import type { ModelPackage } from '../../package/package.ts';
import { inRow, ofRow, TASKS, taskNamed } from '../registry.ts';
import { labelCounts } from './labelCounts.ts';
import { multilabel } from './multilabel.ts';
import { type LabelReference, parseLabels } from './reference.ts';

const classes = ['fire', 'smoke', 'cloud'].map((name, value) => ({ value, name }));
const plain = modelOf(classes);
const model: ModelPackage<LabelReference> = {
  ...plain,
  task: taskNamed('multilabel'),
  output: { ...plain.output, activation: 'sigmoid', thresholds: [0.5, 0.3, 0.9] },
  reference: { chips: 1000, counts: [100, 300, 500] },
};
const decode = (...rows: number[][]) => multilabel.decode(rows.flat(), rows.length, model).values;
const limits = { threshold: 0.25, minimum: 1 };

test('an item with a classification by sigmoid has the task multilabel', () => {
  for (const [activation, name] of [
    ['sigmoid', 'multilabel'],
    ['softmax', 'classification'],
    [null, 'classification'],
  ] as const)
    assert.equal(
      taskOfItem(TASKS, ['scene-classification'], { isOfPixels: false, activation, isBinary: false }).name,
      name,
    );
  const ofGraph = { isOfPixels: false, activation: null, isBinary: false }; // which ends with its own sigmoid
  assert.equal(taskOfItem(TASKS, ['classification', 'multi-label-classification'], ofGraph).name, 'classification');
  assert.equal(taskOfItem(TASKS, ['multi-label-classification', 'classification'], ofGraph).name, 'multilabel');
});

test('what is no probability is refused', () => {
  assert.equal(multilabel.offence([0, 1, 0.5, Number.NaN, 0.2, 1.0005], 2, model), undefined);
  assert.equal(multilabel.offence([0, Infinity, 3.25], 1, model)?.found, '3.25');
  assert.match(
    multilabel.offence([0, 1, -2], 1, model)!.allowed,
    /^probabilities from 0 to 1\. .*"expression": "sigmoid"/,
  );
});

test('labels are not called as what states that there are none, or several', () => {
  for (const [title, isRefused] of [
    ['no label', true],
    ['fire; smoke', true],
    ['fire, smoke', false],
  ] as const) {
    const problems: unknown[][] = [];
    const { output } = model;
    const named = [{ value: 0, name: 'key', title }, ...classes.slice(1)];
    multilabel.checkOutput({ classes: named, output }, 'output', (holds, ...of) => void (holds || problems.push(of)));
    const rule = 'names without ";", which separates true labels, and other than "no label"';
    assert.deepEqual(problems, isRefused ? [['output.classification:classes', [title], rule]] : []);
  }
});

test('a chip has the labels whose probabilities reach their thresholds', () => {
  const found = decode([0.5, 0.29, 0.95], [0.1, 0.1, 0.1], [Number.NaN, 1, 1]);
  assert.deepEqual(found['labels'], ['fire, cloud', '', null]);
  assert.deepEqual(found['label_count'], [2, 0, null]);
  assert.deepEqual(found['p_1'], [Math.fround(0.29), Math.fround(0.1), null], 'as the file has them');
  assert.deepEqual(
    multilabel
      .columns(model)
      .map(({ name }) => name)
      .toSorted(),
    Object.keys(found).toSorted(),
  );
  assert.equal(multilabel.said.of(found, 1).text, 'no label');
  assert.equal(multilabel.said.of(found, 0).rank, 0, 'one is right between yes and no');
});

test('probabilities of float32 reach the thresholds that are rounded like them', () => {
  const of = { ...model, output: { ...model.output, thresholds: [0.7, 0.7, 0.1] } };
  const row = Float32Array.of(0.7, 0.69999987, 0.1);
  // numpy 2.4: np.array([0.7, 0.69999987, 0.1], 'f4') >= 0.7 is True, False; of float64, 0.69999999 >= 0.7 is False
  assert.deepEqual(multilabel.decode(row, 1, of).values['labels'], ['fire, cloud']);
  assert.deepEqual(multilabel.decode(Float64Array.of(0.69999999, 0.7, 0.1), 1, of).values['labels'], ['smoke, cloud']);
});

test('labels and their chips are counted', () => {
  const sum = labelCounts.of(decode([0.9, 0.9, 0.1], [0.1, 0.1, 0.1], [Number.NaN, 1, 1]), model);
  assert.deepEqual(sum, {
    task: 'multilabel',
    names: ['fire', 'smoke', 'cloud'],
    counts: [1, 1, 0],
    predicted: 2,
    missing: 1,
  });
  assert.deepEqual(labelCounts.add(sum, sum).counts, [2, 2, 0]);
  assert.deepEqual(ofRow(inRow(sum, model)), sum, 'a row keeps it');
});

test('the chips of a run are those that were read, not those that were predicted', () => {
  const row = inRow({ ...labelCounts.zero(model), counts: [40, 0, 0], predicted: 40 }, model);
  const { chips, blank } = totalsOfRun({ ...row, chips: 100, blank: 60 });
  assert.deepEqual({ chips, blank }, { chips: 100, blank: 60 });
});

for (const task of TASKS)
  test(`what ${task.name} sums up has no name of what is measured of every run`, () => {
    const summed = Object.keys(z.toJSONSchema(task.summary.schema).properties!);
    const names = Object.keys(measured(({ zero }) => zero));
    assert.deepEqual(
      summed.filter((name) => names.includes(name)),
      [],
    );
  });

describe('the verdict', () => {
  const of = (counts: number[], chips: number) =>
    judgeDrift(
      { sceneSquares: chips, chips, blank: 0, task: 'multilabel', names: [], counts, predicted: chips, missing: 0 },
      model,
      limits,
    );

  test('is drift where one label has moved, though it is a rare one', () => {
    const { drift, n } = of([500, 300, 500], 1000);
    assert.equal(n, 1000);
    assert.equal(drift?.verdict, 'drift');
    assert.equal(of([100, 300, 500], 1000).drift?.verdict, 'no drift');
  });

  test('tests each label at a share of the significance level', () => {
    const one = { ...model, classes: classes.slice(0, 1), reference: { chips: 1000, counts: [100] } };
    const alone = judgeDrift(
      {
        sceneSquares: 200,
        chips: 200,
        blank: 0,
        task: 'multilabel',
        names: [],
        counts: [20],
        predicted: 200,
        missing: 0,
      },
      one,
      limits,
    );
    assert.ok(of([20, 60, 100], 200).drift!.noiseFloor > alone.drift!.noiseFloor);
  });

  test('is null without chips', () => {
    assert.equal(of([0, 0, 0], 0).drift, null);
  });
});

describe('the reference', () => {
  test('has its number of chips', () => {
    assert.deepEqual(parseLabels({ chips: 10, classes: { smoke: 4 } }, model), { chips: 10, counts: [0, 4, 0] });
  });
  test('counts a label by its name or its title', () => {
    const titled = { classes: [{ value: 0, name: 'bare-soil', title: 'bare soil' }, ...classes.slice(1)] };
    for (const name of ['bare-soil', 'bare soil'])
      assert.deepEqual(parseLabels({ chips: 10, classes: { [name]: 4 } }, titled).counts, [4, 0, 0]);
  });

  for (const [json, says] of [
    [{ classes: { fire: 1 } }, /chips: found nothing, allowed is a whole number, 1 or more/],
    [{ chips: 3, classes: { fire: 4 } }, /classes\.fire: found 4, allowed is at most/],
    [{ chips: 3, classes: { fog: 1 } }, /classes: found "fog"/],
  ] as const)
    test(`is refused: ${says}`, () => {
      assert.throws(() => parseLabels(json, model), { name: 'InvalidModelPackage', message: says });
    });
});
