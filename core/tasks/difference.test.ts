import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { modelOf } from '../../test/benches/predictions.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Said } from '../package/task.ts';
import { makeClassDifference } from './classification/classDifference.ts';
import { makeLabelDifference } from './multilabel/labelDifference.ts';
import { makeMaskDifference } from './segmentation/maskDifference.ts';
import type { DifferenceSummary } from './shown.ts';

type Vectors = {
  masks: Record<'first' | 'second' | 'iou', number[]> & Record<'agreement' | 'kappa' | 'meanIou', number>;
  labels: Record<'first' | 'second', number[][]> & { ofLabels: number[] } & Record<
      'agreement' | 'ofChips' | 'hamming',
      number
    >;
};
const url = new URL('../releases/comparison/comparison.vectors.json', import.meta.url);
const { masks, labels }: Vectors = JSON.parse(readFileSync(url, 'utf8'));

const CLASSES = ['bare', 'crop', 'water'].map((name, value) => ({ value, name }));
const model: ModelPackage = modelOf(CLASSES);
const said = (text: string, probability = 0.5): Said => ({ value: null, text, probability, rank: probability });
const figure = ({ figures }: DifferenceSummary, name: string) => figures.find((one) => one.name === name)!.value!;
const close = (found: number | null | undefined, expected: number) =>
  assert.ok(found != null && Math.abs(found - expected) < 1e-12, `${found}, not ${expected}`);

describe('the masks of two versions', () => {
  function compared(second = model, others = masks.second) {
    const difference = makeMaskDifference(model, second);
    difference.add(said('bare'), said('bare'));
    difference.add(said('bare', 0.9), said('crop', 0.8));
    const differs = new Uint8Array(200);
    for (const [from, to] of [
      [0, 70],
      [70, 200],
    ] as const)
      difference.addPixels!(masks.first.slice(from, to), others.slice(from, to), differs.subarray(from, to));
    return { summary: difference.summary(), differs };
  }

  test("have scikit-learn's agreement, kappa and IoU of each class, and do not agree where one alone has a class", () => {
    const { summary } = compared();
    const { n, alone } = summary.counted;
    for (const agreement of [summary.agreement, figure(summary, 'Agreement of pixels')])
      close(agreement, (masks.agreement * n) / (n + alone)); // scikit-learn's is over the pixels of both
    close(figure(summary, "Cohen's kappa of pixels"), masks.kappa);
    close(figure(summary, 'Mean IoU'), masks.meanIou);
    for (const [i, { name, iou }] of summary.names!.entries()) {
      assert.equal(name, CLASSES[i]!.name);
      close(iou, masks.iou[i]!);
    }
  });

  test('say which pixels differ, and count those where both have a class', () => {
    const { summary, differs } = compared();
    const expected = masks.first.map((one, i) => {
      const other = masks.second[i]!;
      return one !== 255 && other !== 255 && one !== other ? 1 : 0;
    });
    assert.deepEqual([...differs], expected);
    const known = masks.first.filter((one, i) => one !== 255 && masks.second[i] !== 255).length;
    const alone = masks.first.filter((one, i) => (one === 255) !== (masks.second[i] === 255)).length;
    assert.ok(alone > 0);
    assert.deepEqual(summary.counted, { of: 'pixel', n: known, alone });
    assert.equal(
      summary.changes!.reduce((sum, { count }) => sum + count, 0),
      expected.filter((one) => one === 1).length,
    );
  });

  for (const shift of [10, -5, 100_000])
    test(`are matched by class names, whatever the class values: shifted by ${shift}`, () => {
      const shifted = modelOf(CLASSES.map(({ name, value }) => ({ name, value: value + shift })));
      const others = masks.second.map((value) => (value === 255 ? 255 : value + shift));
      assert.deepEqual(compared(shifted, others).summary, compared().summary);
    });

  test('are compared by the most common class of each chip if there are no maps, without pixel agreement', () => {
    const difference = makeMaskDifference(model, model);
    assert.equal(difference.add(said('bare'), said('bare')), 0);
    assert.ok(
      difference.add(said('bare', 0.9), said('crop', 0.9)) > difference.add(said('bare', 0.3), said('crop', 0.9)),
    );
    const summary = difference.summary();
    assert.deepEqual(
      [summary.agreement, summary.names, summary.counted],
      [undefined, undefined, { of: 'chip', n: 3, alone: 0 }],
    );
    close(figure(summary, 'Agreement on the most common class of a chip'), 1 / 3);
  });
});

test('two versions do not agree on a chip that one alone predicts', () => {
  for (const make of [makeClassDifference, makeLabelDifference]) {
    const difference = make(model, model);
    difference.add(said('bare'), said('bare'));
    const summary = difference.summary(3);
    assert.deepEqual([summary.agreement, figure(summary, 'Agreement')], [0.25, 0.25]);
    assert.deepEqual(summary.counted, { of: 'chip', n: 1, alone: 3 });
  }
  const masks = makeMaskDifference(model, model);
  masks.add(said('bare'), said('bare'));
  close(figure(masks.summary(3), 'Agreement on the most common class of a chip'), 0.25);
});

describe('the labels of two versions', () => {
  const text = (row: number[]) => {
    const names = CLASSES.filter((_, i) => row[i] === 1).map(({ name }) => name);
    return said(names.length === 0 ? 'no label' : names.join(', '));
  };

  test("have scikit-learn's agreement, Jaccard indices and Hamming loss", () => {
    const difference = makeLabelDifference(model, model);
    for (const [i, row] of labels.first.entries()) difference.add(text(row), text(labels.second[i]!));
    const summary = difference.summary();
    close(summary.agreement, labels.agreement);
    close(figure(summary, 'Agreement'), labels.agreement);
    close(figure(summary, 'Jaccard index of a chip'), labels.ofChips);
    close(figure(summary, 'Hamming loss'), labels.hamming);
    for (const [i, { iou, first, second }] of summary.names!.entries()) {
      close(iou, labels.ofLabels[i]!);
      const held = (rows: number[][]) => rows.filter((row) => row[i] === 1).length;
      assert.deepEqual([first, second], [held(labels.first), held(labels.second)]);
    }
    assert.ok(
      labels.first.some((row) => row.every((one) => one === 0)),
      'chips without a label are among them',
    );
  });

  test('differ more if they have fewer labels in common', () => {
    const { add } = makeLabelDifference(model, model);
    const of = (one: string, other: string) => add(said(one), said(other));
    assert.deepEqual(
      [of('bare, crop', 'bare, crop'), of('no label', 'no label'), of('bare, crop', 'bare'), of('bare', 'no label')],
      [0, 0, 0.5, 1],
    );
  });
});
