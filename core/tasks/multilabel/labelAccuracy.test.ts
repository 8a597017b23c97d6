import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import { predictionsOfRun } from '../../drift/totals.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { ChipTruth } from '../../package/task.ts';
import { inRow, namedIn, ofRow, taskNamed } from '../registry.ts';
import { compareTruths } from '../shownRegistry.ts';
import { withTruths as replaced } from '../sums.ts';
import { type LabelCounts, labelCounts } from './labelCounts.ts';
import { countLabelTruths, labelNumbers, readLabels } from './labelTruths.ts';
import { multilabel } from './multilabel.ts';
import { labelAccuracy, multilabelShown } from './shown.ts';

type Vectors = {
  cases: {
    name: string;
    labels: number;
    truth: number[][];
    predicted: number[][];
    subsetAccuracy: number;
    interval: [number, number];
    hammingLoss: number;
    microF1: number | null;
    macroF1: number | null;
    precision: (number | null)[];
    recall: (number | null)[];
    f1: (number | null)[];
  }[];
};
const { cases }: Vectors = JSON.parse(readFileSync(new URL('labels.vectors.json', import.meta.url), 'utf8'));

const named = (...names: string[]): ModelPackage => ({
  ...modelOf(names.map((name, value) => ({ value, name }))),
  task: taskNamed('multilabel'),
});
const model = named('fire', 'Smoke', 'cloud');
const none: LabelCounts = {
  task: 'multilabel',
  names: ['fire', 'Smoke', 'cloud'],
  counts: [0, 0, 0],
  predicted: 0,
  missing: 0,
};
/** What was predicted for a chip, as a page shows it, and what is true, as it is kept. */
const chip = (predicted: string | null, truth: string | number | null): ChipTruth => ({
  value: predicted === null ? null : 0,
  text: predicted === '' ? 'no label' : predicted,
  truth,
});

const withTruths = (sum: LabelCounts, chips: readonly ChipTruth[], of = model) =>
  replaced(sum, chips, countLabelTruths(of));

function assertClose(found: number | null, expected: number | null, what: string): void {
  if (expected === null || found === null) assert.equal(found, expected, what);
  else assert.ok(Math.abs(found - expected) < 1e-12, `${what}: ${found}, not ${expected}`);
}

describe("the accuracy of labels equals scikit-learn's", () => {
  for (const { name, labels, truth, predicted, interval, ...expected } of cases)
    test(name, () => {
      const names = Array.from({ length: labels }, (_, label) => `l${label}`);
      const text = (of: number[]) => of.map((label) => names[label]!).join(', ');
      const sum: LabelCounts = { ...none, names, counts: names.map(() => 0) };
      const chips = truth.map((of, i) => chip(text(predicted[i]!), text(of)));
      const { truths } = withTruths(sum, chips, named(...names));
      const found = labelNumbers(truths!);
      for (const figure of ['subsetAccuracy', 'hammingLoss', 'microF1', 'macroF1'] as const)
        assertClose(found[figure], expected[figure], figure);
      for (const figure of ['precision', 'recall', 'f1'] as const)
        for (const [i, of] of found.labels.entries()) assertClose(of[figure], expected[figure][i]!, `${figure} ${i}`);
      const accuracy = labelAccuracy({ ...sum, truths }, named(...names))!;
      for (const [i, end] of accuracy.interval!.entries()) assertClose(end, interval[i]!, `end ${i}`);

      const comparison = compareTruths(named(...names));
      for (const one of chips) comparison.add(one);
      assert.deepEqual(comparison.accuracy(), accuracy, 'chip by chip as by sums');
    });

  test('is the same for added parts as for the whole', () => {
    const { truth, predicted, labels } = cases.at(-1)!;
    const names = Array.from({ length: labels }, (_, label) => `l${label}`);
    const text = (of: number[]) => of.map((label) => names[label]!).join(', ');
    const sum: LabelCounts = { ...none, names, counts: names.map(() => 0) };
    const chips = truth.map((of, i) => chip(text(predicted[i]!), text(of)));
    const [some, others] = [chips.slice(0, 123), chips.slice(123)].map((part) =>
      withTruths(sum, part, named(...names)),
    );
    assert.deepEqual(labelCounts.add(some!, others!), withTruths(sum, chips, named(...names)));
    assert.deepEqual(labelCounts.add(some!, sum).truths, some!.truths);
  });
});

describe('the truth of labels', () => {
  const sum = { ...none, counts: [1, 1, 0], predicted: 3 };
  const told = withTruths(sum, [chip('fire', 'fire'), chip('', ''), chip('fire, Smoke', 'Smoke'), chip(null, 'fire')]);

  test('replaces earlier counts, and ignores chips without a prediction or a truth', () => {
    assert.deepEqual(told.truths, { n: 3, exact: 2, truth: [1, 1, 0], predicted: [2, 1, 0], both: [1, 1, 0] });
    assert.deepEqual(withTruths(told, [chip('fire', null), chip('fire', 0)]), sum);
    assert.equal(withTruths(told, [chip('cloud', 'fire')]).truths!.exact, 0);
  });

  test('is kept in a row', () => {
    assert.deepEqual(ofRow(inRow(told, model)), told);
    assert.equal(predictionsOfRun(inRow(told, model)), 3, 'so many chips');
    assert.deepEqual(namedIn(inRow(told, model)), [], 'a chip may have several labels');
  });

  test('is described by the share of chips whose labels are all right, and by the figures of each label', () => {
    const accuracy = labelAccuracy(told, { ...model, expectedAccuracy: 0.99 })!;
    assert.deepEqual(accuracy.figure, { name: 'Subset accuracy', value: 2 / 3, unit: 'share' });
    assert.equal(
      accuracy.sentence.replaceAll('\u00a0', ' '),
      '67 % of 3 chips with a known truth got the very labels that they have (subset accuracy; 95 % interval: 21 % to 94 %). Of all labels of all chips, 11 % were wrong (Hamming loss); F1 is 0.8 over all labels (micro), and 0.8333 as the mean of the labels (macro). The package expects 99 %; the interval lies wholly below that.',
    );
    assert.match(accuracy.warning!, /lies wholly below that\. Look at the precision and recall of each label/);
    assert.deepEqual(accuracy.classes![0], {
      name: 'fire',
      truth: 1,
      predicted: 2,
      correct: 1,
      precision: 0.5,
      recall: 1,
      f1: 2 / 3,
    });
    assert.deepEqual(accuracy.classes![2]!.f1, null);
    assert.equal(labelAccuracy(sum, model), null);
  });

  test('is compared with the expected accuracy by the upper end of the interval', () => {
    assert.deepEqual(multilabel.right!(told), { n: 3, correct: 2 });
    assert.equal(multilabel.right!(sum), null);
    const expecting = { ...model, expectedAccuracy: 0.99, reference: { chips: 1, counts: [1, 1, 1] } };
    // statsmodels: proportion_confint(2, 3, method="wilson")[1] is 0.9385…
    assert.equal(labelAccuracy(told, expecting)!.interval![1].toFixed(4), '0.9385');
    const { expectedAccuracy: _, ...silent } = expecting;
    assert.equal(labelAccuracy(told, silent)!.expected, undefined);
    assert.equal(labelAccuracy(told, expecting)!.isWorse, 'surely');
    assert.equal(labelAccuracy(told, silent)!.isWorse, null);
    assert.deepEqual(multilabel.datums(told, expecting)[0], { metric: 'Accuracy', value: 2 / 3 });
  });

  test('of one chip is matched if the labels are the same in any order', () => {
    const of = (predicted: string | null, truth: string | number | null) =>
      multilabelShown.told(chip(predicted, truth), model);
    assert.deepEqual(of('fire, Smoke', 'Smoke, fire'), { truth: 'Smoke, fire', isRight: true });
    assert.deepEqual(of('', ''), { truth: 'no label', isRight: true });
    assert.deepEqual(of('fire', ''), { truth: 'no label', isRight: false });
    assert.deepEqual(of(null, 'fire'), { truth: 'fire', isRight: null });
    assert.deepEqual(of('fire', null), { truth: null, isRight: null });
    assert.deepEqual(of('fire', 0), { truth: null, isRight: null }, 'what a file of a scene says is no set');
  });
});

test('a true label may have the title of a class without Latin letters', () => {
  const read = readLabels({ classes: [{ value: 0, name: 'class-0', title: '水' }, ...model.classes] });
  assert.equal(read('水; fire', String), 'class-0, fire');
});

describe('true labels', () => {
  const read = readLabels(model);
  const said = (says: Parameters<typeof read>[0]) => read(says, () => 'line 2');

  for (const [says, kept] of [
    ['cloud;fire', 'fire, cloud'],
    [' smoke ; FIRE ', 'fire, Smoke'],
    [['Smoke', 'fire'], 'fire, Smoke'],
    [['cloud'], 'cloud'],
    ['no label', ''],
    [[], ''],
  ] as const)
    test(`are stored by name in the order of the package: ${JSON.stringify(says)}`, () =>
      assert.equal(said(says), kept));

  for (const [says, words] of [
    [
      'fire|cloud',
      /^line 2: found the label “fire\|cloud”, allowed are labels of .*fire.*Smoke.*cloud.*, with ";" between two; or "no label"$/,
    ],
    ['fire;', /found the label “”/],
    ['', /found the label “”/],
    [3, /found the label “3”/],
    [['fire', 'Fire'], /^line 2: found the label “Fire” twice, allowed is each once$/],
    [['fire', 'fog'], /found the label “fog”/],
  ] as const)
    test(`or are refused: ${JSON.stringify(says)}`, () =>
      assert.throws(() => said(says), { name: 'InvalidSceneFile', message: words }));
});
