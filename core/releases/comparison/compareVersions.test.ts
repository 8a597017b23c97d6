import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { PredictedChip } from '../../results/predictions.ts';
import { intervalOfRight } from '../../tasks/classification/intervalOfRight.ts';
import { taskNamed } from '../../tasks/registry.ts';
import type { ComparedRuns } from './compareRuns.ts';
import { compareVersions, cutApart, incomparable, LEFT_OUT } from './compareVersions.ts';
import { truthOf } from './numbers.ts';

const named = (...names: string[]) => names.map((name, value) => ({ value, name }));
const CLASSES = named('bare', 'crop', 'water');
const model = (task: string, classes = CLASSES): ModelPackage => ({ ...modelOf(classes), task: taskNamed(task) });

const chipOf = (said: Partial<PredictedChip>) =>
  ({ value: null, text: null, probability: null, truth: null, ...said }) as PredictedChip;
const ofClass = (
  value: number | null,
  { truth = null, probability = 0.5 }: { truth?: number | null; probability?: number } = {},
) => chipOf(value === null ? { truth } : { value, text: CLASSES[value]!.name, probability, truth });
const ofValue = (value: number) => chipOf({ value, text: String(value) });
const figures = ({ difference }: ReturnType<ReturnType<typeof compareVersions>['end']>) =>
  Object.fromEntries(difference!.figures.map(({ name, value }) => [name, value]));

test('the accuracy of two segmentations is compared only if both have a truth, since each has its own map', () => {
  const masked = (truth: string | null) => chipOf({ value: 0, text: 'bare', probability: 0.5, truth } as never);
  const compared = (first: string | null, second: string | null) => {
    const comparison = compareVersions(model('segmentation'), model('segmentation'), 1);
    comparison.add({ first: masked(first), second: masked(second) });
    return comparison.end().accuracy;
  };
  assert.equal(compared('0:4/4/4', null), null);
  assert.equal(compared(null, '0:4/4/4'), null);
  assert.notEqual(compared('0:4/4/4', '0:4/4/4'), null);
});

test('the accuracy of a segmentation is over its own predictions, and not over the chips that it leaves out', () => {
  const comparison = compareVersions(model('segmentation'), model('segmentation'), 1);
  const chip = (truth: string) => chipOf({ value: 0, text: 'bare', probability: 0.5, truth } as never);
  comparison.add({ first: chip('0/0:4'), second: chip('0/1:4') });
  comparison.add({ first: chip('0/0:4'), second: { ...chip('0/0:4'), ...LEFT_OUT } }); // with the truth that the other has
  const { accuracy } = comparison.end();
  assert.deepEqual([accuracy!.first.figure.value, accuracy!.second.figure.value], [1, 0]);
});

test('two segmentations of which one has a mask of truth are both judged by it', () => {
  const comparison = compareVersions(model('segmentation'), model('segmentation'), 1);
  const chip = (truth: string | null) => chipOf({ value: 0, text: 'bare', probability: 0.5, truth } as never);
  for (const wrong of [
    [0, 0.5],
    [0.25, 0.25],
  ])
    comparison.add({ first: chip('0/0:4'), second: chip(null) }, undefined, {
      differing: 0,
      mask: { truths: ['0/0:4', '0/0:2 0/1:2'], wrong },
    });
  const { accuracy, errors, rightByOne } = comparison.end();
  assert.deepEqual([accuracy!.first.figure.value, accuracy!.second.figure.value, rightByOne], [1, 0.5, null]);
  // numpy: mean and std(ddof=1) of [0.5, 0]
  const deviation = Math.sqrt(0.125);
  assert.deepEqual(errors, { chips: 2, first: 0.125, second: 0.375, difference: 0.25, deviation });
});

test('versions that cut rasters into other chips are compared by their maps alone', () => {
  const comparison = compareVersions(model('segmentation'), model('segmentation'), 1);
  const chip = chipOf({ value: 0, text: 'bare', probability: 0.5 });
  comparison.addPixels!([0, 0], [0, 1], new Uint8Array(2));
  comparison.add({ first: chip, second: { ...chip, ...LEFT_OUT } }, undefined, { differing: 0.5 });
  comparison.add({ first: { ...chip, ...LEFT_OUT }, second: chip });
  const compared = comparison.end();
  assert.match(cutApart(compared)!, /they cut scenes into other chips/);
  assert.equal(compared.difference!.agreement, 0.5);
  assert.deepEqual(
    compared.difference!.figures.map(({ name }) => name),
    ['Agreement of pixels', 'Mean IoU', "Cohen's kappa of pixels"],
  );
});

describe('the comparison of two classifications', () => {
  const compare = (pairs: (readonly [PredictedChip, PredictedChip])[], most = 10) => {
    const comparison = compareVersions(model('classification'), model('classification'), most);
    for (const [first, second] of pairs) comparison.add({ first, second });
    return comparison.end();
  };

  test('has the agreement, and the changes between classes, most frequent first', () => {
    const told = compare([
      ...Array.from({ length: 6 }, () => [ofClass(0), ofClass(0)] as const),
      [ofClass(0), ofClass(1)],
      [ofClass(1), ofClass(2)],
      [ofClass(1), ofClass(2)],
      [ofClass(2), ofClass(2)],
    ]);
    assert.deepEqual([told.chips, told.alone], [10, { first: 0, second: 0 }]);
    assert.equal(figures(told)['Agreement'], 0.7);
    assert.deepEqual(told.difference!.names, [
      { name: 'bare', first: 7, second: 6 },
      { name: 'crop', first: 2, second: 1 },
      { name: 'water', first: 1, second: 3 },
    ]);
    assert.deepEqual(told.difference!.changes, [
      { first: 'crop', second: 'water', count: 2 },
      { first: 'bare', second: 'crop', count: 1 },
    ]);
  });

  test('ranks changed chips by the confidence of the less certain version', () => {
    const sure = [ofClass(0, { probability: 0.9 }), ofClass(1, { probability: 0.8 })] as const;
    const unsure = [ofClass(0, { probability: 0.4 }), ofClass(1, { probability: 0.99 })] as const;
    const same = [ofClass(2, { probability: 1 }), ofClass(2, { probability: 1 })] as const;
    const { changed } = compare([unsure, same, sure]);
    assert.deepEqual(
      changed,
      [sure, unsure].map(([first, second]) => ({ first, second })),
    );
    const many = Array.from({ length: 5000 }, (_, i) => [ofClass(0, { probability: i / 5000 }), ofClass(1)] as const);
    assert.deepEqual(
      compare(many, 3).changed.map(({ first }) => first.probability),
      [4999, 4998, 4997].map((i) => i / 5000),
    );
  });

  test('tests which version is right more often, with the chips that exactly one gets right', () => {
    const right = (truth: number, one: number, other: number) =>
      [ofClass(one, { truth }), ofClass(other, { truth })] as const;
    const told = compare([
      ...Array.from({ length: 10 }, () => right(1, 1, 0)),
      ...Array.from({ length: 2 }, () => right(1, 2, 1)),
      ...Array.from({ length: 8 }, () => right(0, 0, 0)),
      [ofClass(0), ofClass(1)],
    ]);
    assert.deepEqual([told.accuracy!.first.figure.value, told.accuracy!.second.figure.value], [18 / 20, 10 / 20]);
    const { p, ...byOne } = told.rightByOne!;
    assert.deepEqual(byOne, { chips: 20, both: 8, first: 10, second: 2 });
    assert.equal(p.toFixed(4), '0.0386'); // statsmodels: mcnemar([[8, 10], [2, 0]], exact=True)
  });

  test('uses the truth of a chip that either version has', () => {
    const told = compare([
      [ofClass(1, { truth: 1 }), ofClass(0)],
      [ofClass(1), ofClass(0, { truth: 0 })],
    ]);
    const { first, second } = told.accuracy!;
    assert.deepEqual([first.figure.value, second.figure.value], [0.5, 0.5]);
    assert.deepEqual([told.rightByOne!.first, told.rightByOne!.second], [1, 1]);
  });

  for (const [title, first, second, rightByOne, agreement] of [
    ['of which the first is right', ofClass(1, { truth: 1 }), ofClass(null), { both: 0, first: 1, second: 0 }, 0.5],
    ['of which the second is right', ofClass(null), ofClass(1, { truth: 1 }), { both: 0, first: 0, second: 1 }, 0.5],
    ['of which none is right', ofClass(1, { truth: 0 }), ofClass(null), { both: 0, first: 0, second: 0 }, 0.5],
    ['whose truth is not known', ofClass(1), ofClass(null), null, 0.5],
    ['not even one of both, which stays out', ofClass(null, { truth: 1 }), ofClass(null), null, 1],
  ] as const)
    test(`does not take a chip for agreed, nor for right, that one alone predicts: ${title}`, () => {
      const told = compare([
        [first, second],
        [ofClass(1), ofClass(1)],
      ]);
      assert.deepEqual(told.rightByOne && { ...told.rightByOne }, rightByOne && { ...rightByOne, chips: 1, p: 1 });
      const alone = { first: Number(first.text !== null), second: Number(second.text !== null) };
      assert.deepEqual([told.chips, told.alone, figures(told)['Agreement']], [1, alone, agreement]);
    });

  test('has the accuracy of each over its own predictions', () => {
    const right = ofClass(1, { truth: 1 });
    const { accuracy } = compare([
      [right, ofClass(null)],
      [right, right],
      [ofClass(0, { truth: 1 }), right],
    ]);
    assert.deepEqual([accuracy!.first.n, accuracy!.second.n], [3, 2]);
    assert.equal(compare([[ofClass(null), ofClass(null)]]).difference, null);
  });

  describe('matches classes by name, whatever their values', () => {
    const [one, other] = [
      model('classification', named('bare', 'crop', 'water')),
      model('classification', named('crop', 'bare', 'ice')),
    ];
    const chip = (of: ModelPackage, text: string, truth: string | null) => {
      const numberOf = (name: string | null) => of.classes.find((known) => known.name === name)?.value ?? null;
      return chipOf({ value: numberOf(text), text, probability: 0.5, truth: numberOf(truth) });
    };
    for (const [title, ofFirst, ofSecond, rightByOne] of [
      ['the truth of both', 'bare', 'bare', { both: 1, first: 0, second: 0 }],
      ['the truth of the first alone', 'bare', null, { both: 1, first: 0, second: 0 }],
      ['the truth of the second alone', null, 'bare', { both: 1, first: 0, second: 0 }],
      ['another class', 'crop', null, { both: 0, first: 0, second: 0 }],
      ['a class that the second does not have', 'water', null, { both: 0, first: 0, second: 0 }],
      ['a class that the first does not have', null, 'ice', { both: 0, first: 0, second: 0 }],
    ] as const)
      test(title, () => {
        const comparison = compareVersions(one, other, 1);
        comparison.add({ first: chip(one, 'bare', ofFirst), second: chip(other, 'bare', ofSecond) });
        const told = comparison.end();
        assert.equal(figures(told)['Agreement'], 1);
        assert.deepEqual(told.rightByOne, { ...rightByOne, chips: 1, p: 1 });
        if (rightByOne.both === 1)
          assert.deepEqual([told.accuracy!.first.figure.value, told.accuracy!.second.figure.value], [1, 1]);
      });

    test('and says the truth of a changed chip in the words of the version that has it', () => {
      for (const [ofFirst, ofSecond, truth] of [
        ['bare', null, 'bare'],
        [null, 'bare', 'bare'],
        ['water', null, 'water'],
        [null, 'ice', 'ice'],
        [null, null, null],
      ] as const) {
        const comparison = compareVersions(one, other, 1);
        comparison.add({ first: chip(one, 'bare', ofFirst), second: chip(other, 'crop', ofSecond) });
        const [pair] = comparison.end().changed;
        assert.equal(truthOf(pair!, { first: one, second: other } as ComparedRuns), truth);
      }
    });
  });
});

describe('of two regressions', () => {
  test('the comparison has the differences and their spread', () => {
    const comparison = compareVersions(model('regression'), model('regression'), 1);
    const [ones, others] = [
      [1, 2, 3, 4, 10],
      [1.5, 1, 3, 6, 9],
    ];
    for (const [i, value] of ones!.entries()) comparison.add({ first: ofValue(value), second: ofValue(others![i]!) });
    const told = comparison.end();
    // numpy: d = others - ones; d.mean(), abs(d).mean(), d.std(), abs(d).max(), np.corrcoef(ones, others)[0, 1]
    const expected = [0.1, 0.9, 1.1135528725660044, 2, 0.9360645352534686];
    assert.deepEqual(
      Object.values(figures(told)).map((value) => value!.toFixed(12)),
      expected.map((value) => value.toFixed(12)),
    );
    assert.deepEqual(
      told.changed.map(({ first }) => first.value),
      [4],
    );
    assert.equal(told.rightByOne, null);
  });
});

test('the accuracy of each version counts scenes where the package does', () => {
  const ofScenes: ModelPackage = { ...model('classification'), unit: 'scene' };
  const comparison = compareVersions(ofScenes, ofScenes, 1);
  for (const scene of ['a', 'b', undefined])
    for (let chip = 0; chip < 50; chip += 1) {
      const first = ofClass(0, { truth: scene === 'a' || (scene === undefined && chip < 25) ? 0 : 1 });
      comparison.add({ first, second: first }, scene);
    }
  const products = { count: 52, sizes: 2 * 2500 + 50, products: 2500 + 25, squares: 2500 + 25 };
  const interval = intervalOfRight({ n: 150, correct: 75 }, { truthScenes: products }, { unit: 'scene' });
  const { first, second } = comparison.end().accuracy!;
  assert.deepEqual([first.interval, second.interval], [interval, interval]);
});

describe('the comparison of two regressions with a known truth', () => {
  test('has the errors of both versions for each chip, without chips that have no truth', () => {
    const comparison = compareVersions(model('regression'), model('regression'), 1);
    for (const [first, second, truth] of [
      [1, 3, 2],
      [4, 4, 2],
      [9, 5, 5],
      [7, 70, null],
    ] as const)
      comparison.add({ first: { ...ofValue(first), truth }, second: { ...ofValue(second), truth: null } });
    const { errors, rightByOne } = comparison.end();
    // numpy: abs(first - truth) is 1, 2, 4; abs(second - truth) is 1, 2, 0; np.std([0, 0, -4], ddof=1)
    const { deviation, ...means } = errors!;
    assert.deepEqual(means, { chips: 3, first: 7 / 3, second: 1, difference: -4 / 3 });
    assert.equal(deviation!.toFixed(12), (2.309401076758503).toFixed(12));
    assert.equal(rightByOne, null);
  });

  test('has no such errors for classes', () => {
    const comparison = compareVersions(model('classification'), model('classification'), 1);
    comparison.add({ first: ofClass(1, { truth: 1 }), second: ofClass(2, { truth: 1 }) });
    assert.equal(comparison.end().errors, null);
  });
});

test('a multi-label version is right on a chip only if all its labels are right', () => {
  const ofLabels = (text: string, truth: string | null) => chipOf({ value: 1, text, truth });
  const comparison = compareVersions(model('multilabel'), model('multilabel'), 1);
  for (const [first, second, truth] of [
    ['bare, crop', 'bare', 'bare, crop'],
    ['bare', 'no label', 'bare'],
    ['no label', 'no label', ''],
    ['bare', 'water', 'bare, water'],
    ['bare', 'water', null],
  ] as const)
    comparison.add({ first: ofLabels(first, truth), second: ofLabels(second, null) });
  const { rightByOne, accuracy } = comparison.end();
  const { p: _, ...byOne } = rightByOne!;
  assert.deepEqual(byOne, { chips: 4, both: 1, first: 2, second: 0 });
  assert.deepEqual([accuracy!.first.figure.value, accuracy!.second.figure.value], [3 / 4, 1 / 4]);
});

test('of several labels, one alone is right on a chip that the other does not predict or has a label of that it does not know', () => {
  const [one, other] = [model('multilabel', named('bare', 'crop')), model('multilabel', named('crop', 'bare', 'ice'))];
  const comparison = compareVersions(one, other, 1);
  const ofLabels = (text: string | null, truth: string | null) => chipOf({ value: text && 1, text, truth } as never);
  comparison.add({ first: ofLabels('bare', 'bare'), second: ofLabels(null, null) });
  comparison.add({ first: ofLabels('bare', null), second: ofLabels('bare, ice', 'bare, ice') });
  comparison.add({ first: ofLabels('bare, crop', 'bare, crop'), second: ofLabels('crop, bare', null) });
  assert.partialDeepStrictEqual(comparison.end().rightByOne, { chips: 3, both: 1, first: 1, second: 1 });
});

test('versions of different tasks are refused by name', () => {
  assert.equal(incomparable(model('classification'), model('classification')), undefined);
  assert.match(
    incomparable(model('classification'), model('regression'))!,
    /^model 1\.0\.0 is of the task classification, model 1\.0\.0 is of the task regression; what can be compared are two versions of one task$/,
  );
  assert.throws(() => compareVersions(model('classification'), model('segmentation'), 1), RangeError);
});
