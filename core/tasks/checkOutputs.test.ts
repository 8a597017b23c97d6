import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modelOf } from '../../test/benches/predictions.ts';
import { checkOrdinaryOutputs, checkOutputs } from './registry.ts';

const classes = ['a', 'b'].map((name, value) => ({ name, value }));
const model = { ...modelOf(classes), artifact: { file: 'model.onnx', format: 'onnx' } };

describe('the outputs of a classifier are accepted', () => {
  for (const [what, values] of [
    ['if they are probabilities for each class', [0.25, 0.75, 1, 0]],
    ['if they are off by rounding errors', [0.2505, 0.75, 1.0009, 0, 0.9995, -0.0004]],
    ['if they are quantised to 255 steps', [253 / 255, 1 / 255, 0.5019607843, 0.4941176471]],
    ['if they are quantised and clipped at the end of the range', [255 / 256, 0]],
    ['if the quantisation steps end below 1', Array.from([180, 74], (level) => Math.fround((level * 0.9973) / 255))],
    ['if a chip has a non-finite output, whatever the other class has', [Number.NaN, 7, 0.5, 0.5, Infinity, 0]],
  ] as const)
    test(what, () => checkOutputs(model, values, values.length / 2));
});

describe('the outputs of a classifier are refused with a remedy', () => {
  for (const [what, values, found] of [
    ['if one is a logit above 1', [0.5, 0.5, 2.88, -1.88], '2.88 for one of 2 chips'],
    ['if one is a logit below 0', [-0.25, 1.0005], '-0.25 for one of 1 chips'],
    ['if their sum overflows', [1e308, 1.7e308], '1e+308 for one of 1 chips'],
  ] as const)
    test(what, () => {
      assert.throws(() => checkOutputs(model, values, values.length / 2), {
        name: 'InvalidModelPackage',
        message: `model.onnx: found ${found}, allowed are probabilities from 0 to 1 that add up to 1 for each chip, within 0.001, or within what the steps of a quantised output bring. Of a model that gives logits, item.json says in mlm:output[0]: "post_processing_function": {"format": "swath", "expression": "softmax"}.`,
      });
    });
});

describe('the outputs of a classifier are refused without the advice to add a softmax', () => {
  for (const [what, values, sum] of [
    ['if the classes add up to more than 1', [0.5, 0.5015], '1.0015'],
    ['if they add up to less than 1', [0.25, 0.25], '0.5'],
    ['if they add up to less than quantisation to 255 steps explains', [200 / 255, 50 / 255], '0.980392'],
  ] as const)
    test(what, () => {
      assert.throws(() => checkOutputs(model, values, 1), {
        name: 'InvalidModelPackage',
        message: `model.onnx: found probabilities that add up to ${sum} for one of 1 chips, allowed are probabilities from 0 to 1 that add up to 1 for each chip, within 0.001, or within what the steps of a quantised output bring. Numbers from 0 to 1 are no logits: of a model whose labels hold independently, item.json says "multi-label-classification" in mlm:tasks.`,
      });
    });
});

describe('the output for chips of ordinary values', () => {
  const check = (...values: number[]) => checkOrdinaryOutputs(model, Float32Array.from(values), values.length / 2);

  test('is accepted if only some of the chips have non-finite numbers', () => {
    check(Number.NaN, Number.NaN, 0.5, 0.5);
    check(0.5, 0.5, 1, -Infinity);
  });

  test('is refused if no chip has a finite number for each class', () => {
    assert.throws(() => check(Number.NaN, 0, Infinity, -Infinity), {
      name: 'InvalidModelPackage',
      message:
        'model.onnx: found NaN and Infinity and -Infinity for each of 2 chips of ordinary values, allowed is a finite number for each class. See whether value_scaling is what the model was trained with, and whether its weights are whole.',
    });
  });

  test('is refused like any output if it is invalid for the task', () => {
    assert.throws(
      () => check(0.5, 0.5, 0, -1e30),
      /^InvalidModelPackage: model\.onnx: found -1e\+30 for one of 2 chips, /,
    );
  });
});
