import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { encodeOnnx } from '../../../test/models/onnx.ts';
import { InvalidModelPackage } from '../../base/errors.ts';
import { readGraph } from './readGraph.ts';

const DUMMIES = new URL('../../../cli/models/fixtures/deepness/', import.meta.url);
const graphOf = (file: string) => readGraph(file, readFileSync(new URL(file, DUMMIES)));

/** The onnx package of Python reads the same of these files. */
describe('the description of a graph', () => {
  test('has its inputs and outputs, and the operators of its outputs', () => {
    assert.deepEqual(graphOf('dummy_segmentation_models_two_outputs_sigmoid_bsx1x512x512.onnx'), {
      inputs: [{ name: 'input', type: 'float32', shape: ['batch_size', 3, 512, 512] }],
      outputs: ['output', 'output2'].map((name) => ({
        name,
        type: 'float32',
        shape: ['batch_size', 1, 512, 512],
        operator: 'Sigmoid',
      })),
      opset: 12,
      producer: 'pytorch',
      classes: [],
    });
  });

  test('leaves out the weights, which older ONNX releases list among the inputs', () => {
    const value = { name: 'x', dimensions: ['n', 2] };
    const weights = { name: 'w', dimensions: [2, 3], values: [1, 2, 3, 4, 5, 6] };
    const bytes = encodeOnnx({
      name: 'small',
      inputs: [value, { name: 'w', dimensions: [2, 3] }],
      outputs: [{ name: 'y', dimensions: ['', 3], type: 'int64' }],
      constants: [weights],
      nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    });
    const { inputs, outputs } = readGraph('model.onnx', bytes);
    assert.deepEqual(inputs, [{ name: 'x', type: 'float32', shape: ['n', 2] }]);
    assert.deepEqual(outputs, [{ name: 'y', type: 'int64', shape: ['', 3], operator: 'MatMul' }]);
  });

  test('has a free size where one is written as -1', () => {
    const bytes = encodeOnnx({
      name: 'free',
      inputs: [{ name: 'x', dimensions: [-1, 36] }],
      outputs: [{ name: 'y', dimensions: [-1, 36] }],
      constants: [],
      nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
    });
    assert.deepEqual(readGraph('model.onnx', bytes).inputs, [{ name: 'x', type: 'float32', shape: ['', 36] }]);
  });

  test('is refused for a file that is not a model', () => {
    assert.throws(() => readGraph('model.onnx', new TextEncoder().encode('<html>')), InvalidModelPackage);
  });
});
