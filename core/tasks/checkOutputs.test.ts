import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modelOf } from '../../test/benches/predictions.ts';
import { checkOrdinaryOutputs, checkOutputs } from './registry.ts';

const classes = ['a', 'b'].map((name, value) => ({ name, value }));
const model = { ...modelOf(classes), artifact: { file: 'model.onnx', format: 'onnx' } };

describe('what a classifier gives is fine', () => {
  for (const [what, values] of [
    ['where it is a probability for each class', [0.25, 0.75, 1, 0]],
    ['where it is as far off as rounding brings it', [0.2505, 0.75, 1.0009, 0, 0.9995, -0.0004]],
    ['where it is quantised to 255 steps', [253 / 255, 1 / 255, 0.5019607843, 0.4941176471]],
    ['where it is quantised, and cut off at the end of its range', [255 / 256, 0]],
    ['where the steps end below 1', Array.from([180, 74], (level) => Math.fround((level * 0.9973) / 255))],
    ['where a chip has no number, whatever the other class has', [Number.NaN, 7, 0.5, 0.5, Infinity, 0]],
  ] as const)
    test(what, () => checkOutputs(model, values, values.length / 2));
});

describe('what a classifier gives is refused, with the remedy,', () => {
  for (const [what, values, found] of [
    ['where it is a logit above 1', [0.5, 0.5, 2.88, -1.88], '2.88 for one of 2 chips'],
    ['where it is a logit below 0', [-0.25, 1.0005], '-0.25 for one of 1 chips'],
    ['where it is beyond what adds up to a number', [1e308, 1.7e308], '1e+308 for one of 1 chips'],
  ] as const)
    test(what, () => {
      assert.throws(() => checkOutputs(model, values, values.length / 2), {
        name: 'InvalidModelPackage',
        message: `model.onnx: found ${found}, allowed are probabilities from 0 to 1 that add up to 1 for each chip, within 0.001, or within what the steps of a quantised output bring. Of a model that gives logits, item.json says in mlm:output[0]: "post_processing_function": {"format": "swath", "expression": "softmax"}.`,
      });
    });
});

describe('what a classifier gives is refused, without advice of a softmax where it may have one,', () => {
  for (const [what, values, sum] of [
    ['where the classes add up to more than 1', [0.5, 0.5015], '1.0015'],
    ['where they add up to less than 1', [0.25, 0.25], '0.5'],
    ['where they add up to less than steps of 1/255 bring', [200 / 255, 50 / 255], '0.980392'],
  ] as const)
    test(what, () => {
      assert.throws(() => checkOutputs(model, values, 1), {
        name: 'InvalidModelPackage',
        message: `model.onnx: found probabilities that add up to ${sum} for one of 1 chips, allowed are probabilities from 0 to 1 that add up to 1 for each chip, within 0.001, or within what the steps of a quantised output bring. Numbers from 0 to 1 are no logits: of a model whose labels hold independently, item.json says "multi-label-classification" in mlm:tasks.`,
      });
    });
});

describe('what a model gives chips of ordinary values', () => {
  const check = (...values: number[]) => checkOrdinaryOutputs(model, Float32Array.from(values), values.length / 2);

  test('is fine where some of the chips have no number', () => {
    check(Number.NaN, Number.NaN, 0.5, 0.5);
    check(0.5, 0.5, 1, -Infinity);
  });

  test('is refused where no chip has a number for each class', () => {
    assert.throws(() => check(Number.NaN, 0, Infinity, -Infinity), {
      name: 'InvalidModelPackage',
      message:
        'model.onnx: found NaN and Infinity and -Infinity for each of 2 chips of ordinary values, allowed is a finite number for each class. See whether value_scaling is what the model was trained with, and whether its weights are whole.',
    });
  });

  test('is refused as of any chips where its task cannot mean it', () => {
    assert.throws(
      () => check(0.5, 0.5, 0, -1e30),
      /^InvalidModelPackage: model\.onnx: found -1e\+30 for one of 2 chips, /,
    );
  });
});
