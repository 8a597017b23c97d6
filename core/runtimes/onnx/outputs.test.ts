import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkOutputs } from './outputs.ts';

describe('what a model gives chips of ordinary values', () => {
  const check = (...values: number[]) => checkOutputs('model.onnx', Float32Array.from(values), 2);

  test('is fine where it is a number for each class: a probability, or a score', () => {
    check(0.25, 0.75, 1, 0);
    check(-40, 17.5);
  });

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

  test('is refused where a number is so large that it is no score', () => {
    assert.throws(() => check(0, 1, 0, -1e30), {
      name: 'InvalidModelPackage',
      message: /^model\.onnx: found -1e\+30 for one of 2 chips of ordinary values, allowed is -1000000 to 1000000: /,
    });
  });
});
