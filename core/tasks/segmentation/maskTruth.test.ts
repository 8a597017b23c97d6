import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import { truthsBy } from '../../../test/benches/truths.ts';
import { percent } from '../../base/text/numbers.ts';
import { interpretItem } from '../../package/interpret.ts';
import { parseItem } from '../../package/item.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { ChipTruth } from '../../package/task.ts';
import { inRow, ofRow, TASKS, taskNamed } from '../registry.ts';
import { compareTruths } from '../shownRegistry.ts';
import { compareMask, countMaskTruths, maskNumbers } from './maskTruth.ts';
import { type ShareCounts, shareCounts } from './shareCounts.ts';
import { maskAccuracy, segmentationShown } from './shown.ts';

type Vectors = {
  masks: { classes: string[]; first: number[]; second: number[]; agreement: number; iou: number[]; meanIou: number };
};
/** Of scikit-learn: two maps of the same pixels; 255 stands for none. */
const { masks }: Vectors = JSON.parse(
  readFileSync(new URL('../../releases/comparison/comparison.vectors.json', import.meta.url), 'utf8'),
);
const model: ModelPackage = {
  ...modelOf(masks.classes.map((name, value) => ({ value, name }))),
  task: taskNamed('segmentation'),
};
const none: ShareCounts = {
  task: 'segmentation',
  names: masks.classes,
  counts: [1, 1, 0],
  missing: 0,
  probabilitySum: 0,
  probable: 0,
};
const compare = compareMask(model);
const withTruths = truthsBy(countMaskTruths);
const { first: truth, second: predicted } = masks;
const whole = String(compare(predicted, truth, null));
const unitsOf = (count: number, sizes: number, products: number[], squares: number[]) =>
  products.map((product, place) => ({ count, sizes, products: product, squares: squares[place]! }));
const chipOf = (text: string | number | null): ChipTruth => ({ value: 0, truth: text });

describe('a mask compared with predictions has the same numbers as scikit-learn:', () => {
  const { truths } = withTruths(none, [chipOf(whole)], model);
  const numbers = maskNumbers(truths!);

  test('pixel accuracy, the IoU of each class and their mean', () => {
    assert.ok(Math.abs(numbers.pixelAccuracy - masks.agreement) < 1e-12);
    assert.ok(Math.abs(numbers.meanIou! - masks.meanIou) < 1e-12);
    for (const [i, { iou }] of numbers.classes.entries()) assert.ok(Math.abs(iou! - masks.iou[i]!) < 1e-12);
  });

  test('also for chips that are added up from any parts', () => {
    const parts = [
      [0, 70],
      [70, 71],
      [71, 200],
    ].map(([from, to]) => chipOf(String(compare(predicted.slice(from, to), truth.slice(from, to), null))));
    const [some, others] = [withTruths(none, parts.slice(0, 1), model), withTruths(none, parts.slice(1), model)];
    const { chips, units, ...sums } = shareCounts.add(some, others).truths!;
    assert.deepEqual([chips, units.map(({ count }) => count)], [3, [2, 2, 2]]);
    assert.deepEqual({ chips: 1, units: truths!.units, ...sums }, truths);
    assert.equal(shareCounts.add(none, none).truths, undefined);
    assert.deepEqual(shareCounts.add(some, none).truths, some.truths);
  });

  test('the same chip by chip as from sums', () => {
    const comparison = compareTruths(model);
    assert.equal(comparison.accuracy(), null);
    comparison.add(chipOf(whole));
    assert.deepEqual(comparison.accuracy(), maskAccuracy({ ...none, truths }, model));
  });
});

describe('the truth of a mask', () => {
  test('is counted where both have a class; and not where the mask has no data', () => {
    assert.equal(compare([0, 1, 1, 9, 2], [0, 1, 0, 1, 9], null), '0/0:1 0/1:1 1/1:1');
    assert.equal(compare([0, 1, 1], [0, 1, 0], Uint8Array.of(1, 0, 1)), '0/0:1 0/1:1');
    assert.equal(compare([], [], null), '');
  });

  test('is not counted for a chip if no pixel is known', () => {
    assert.equal(withTruths(none, [chipOf(''), chipOf(null), chipOf(3)], model).truths, undefined);
  });

  test('replaces earlier counts, and is stored in a row', () => {
    const told = withTruths(none, [chipOf('0/0:1 0/1:1 1/1:1')], model);
    const units = unitsOf(1, 9, [3, -3, 0], [1, 1, 0]);
    const sums = { truth: [2, 1, 0], predicted: [1, 2, 0], both: [1, 1, 0], confused: { '1 0': 1 } };
    assert.deepEqual(told.truths, { chips: 1, ...sums, units });
    assert.deepEqual(withTruths(told, [], model), none);
    assert.deepEqual(ofRow(inRow(told, model)), told);
  });

  describe('is a sample of chips,', () => {
    const chips = ['0/0:1 0/1:1 1/1:1', '1/1:4', null, null].map(chipOf);
    const unitsIn = (of: typeof chips) => withTruths(none, of, model).truths!.units;

    test('each of which is a unit', () => {
      assert.deepEqual(unitsIn(chips), unitsOf(2, 9 + 16, [3, -3, 0], [1, 1, 0]));
    });

    test('unless the truth of more than half of the scene is known: then the scene is one', () => {
      const scene = unitsOf(1, 49, [7, -7, 0], [1, 1, 0]);
      assert.deepEqual(unitsIn(chips.slice(0, 3)), scene);
      assert.deepEqual(unitsIn([...chips.slice(0, 3), { value: null, truth: null }]), scene);
    });
  });

  test('is described by pixel accuracy and the IoU of each class that occurs', () => {
    const told = withTruths(none, [chipOf('0/0:1 0/1:1 1/1:1')], model);
    const accuracy = maskAccuracy(told, model)!;
    assert.deepEqual(accuracy.figure, { name: 'Pixel accuracy', value: 2 / 3, unit: 'share' });
    assert.deepEqual(accuracy.interval!.map(percent), ['9.4\u00a0%', '97\u00a0%'], 'as of one chip');
    assert.equal(
      accuracy.sentence.replaceAll('\u00a0', ' '),
      'Of 3 pixels of 1 chip with a known truth, 67 % got the class that they have (pixel accuracy; 95 % interval: 9.4 % to 97 %). The mean IoU of the classes is 0.5.',
    );
    assert.deepEqual(
      accuracy.classes!.map(({ recall, precision, iou }) => [recall, precision, iou]),
      [
        [0.5, 1, 0.5],
        [1, 0.5, 0.5],
        [null, null, null],
      ],
    );
    assert.equal(maskAccuracy(none, model), null);
  });

  test('has the confusion matrix of its pixels, of at most 64 classes', () => {
    const text = '0/0:5 0/2:1 2/0:3 2/2:4';
    const told = withTruths(withTruths(none, [], model), [chipOf(text), chipOf('0/2:2'), chipOf(null)], model);
    const [cloud, , water] = masks.classes;
    assert.deepEqual(maskAccuracy(told, model)!.confusion, [
      { truth: cloud, predicted: cloud, count: 5 },
      { truth: cloud, predicted: water, count: 3 },
      { truth: water, predicted: cloud, count: 3 },
      { truth: water, predicted: water, count: 4 },
    ]);
    const many = modelOf(Array.from({ length: 65 }, (_, value) => ({ value, name: `c${value}` })));
    const { truths } = withTruths(none, [chipOf('0/64:2')], many);
    assert.deepEqual([truths!.confused, truths!.predicted[64]], [undefined, 2]);
    assert.equal(maskAccuracy({ truths }, many)!.confusion, undefined);
  });

  test('of 64 classes that are all confused fits into a row of the table of days', () => {
    const pairs = Array.from({ length: 64 ** 2 }, (_, i) => `${i >> 6}/${i & 63}:${123_456 + i}`);
    const classes = Array.from({ length: 64 }, (_, value) => ({ value, name: `c${value}` }));
    const { truths } = withTruths(none, [chipOf(pairs.join(' '))], modelOf(classes));
    const bytes = JSON.stringify(truths).length;
    assert.ok(bytes > 50_000 && bytes < 80_000, `${bytes} bytes`); // of the 400 KB that a row may have
  });

  test('is held to what the package expects: by chips, or by scenes', () => {
    const chips = Array.from({ length: 40 }, () => chipOf('0/0:70 1/0:30'));
    const told = withTruths(none, chips, model);
    const expecting = { ...model, expectedAccuracy: 0.9 };
    assert.deepEqual(maskAccuracy(told, expecting)!.expected, { value: 0.9, isMissed: true });
    assert.match(maskAccuracy(told, expecting)!.warning!, /Look at the IoU of each class/);
    const truthScenes = { count: 1, sizes: 40 ** 2, products: 40 * 28, squares: 28 ** 2 };
    const byScenes = maskAccuracy({ ...told, truthScenes }, { ...expecting, unit: 'scene' })!;
    assert.deepEqual(
      [byScenes.interval, byScenes.expected!.isMissed],
      [[0, 1], false],
      'a single scene tells nothing of others',
    );
  });

  test('may have an expected accuracy in its package', () => {
    const item = JSON.parse(readFileSync(new URL('../../../models/s2-scl/1.0.0/item.json', import.meta.url), 'utf8'));
    item.properties['swath:expected_accuracy'] = 0.8;
    assert.equal(interpretItem(parseItem(item), TASKS).expectedAccuracy, 0.8);
  });

  test('of a chip is described in words', () => {
    const of = (text: string | number | null) => segmentationShown.told(chipOf(text), model);
    assert.deepEqual(of('0/0:1 0/1:1 1/1:1'), { truth: '67\u00a0% of 3 pixels right', isRight: null });
    assert.deepEqual(of(''), { truth: null, isRight: null });
    assert.deepEqual(of(2), { truth: null, isRight: null }, 'what a file of a scene says is no mask');
  });
});
