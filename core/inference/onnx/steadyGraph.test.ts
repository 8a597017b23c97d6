import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GRAPH, MODEL, nodeMessage } from './onnxMessages.ts';
import { join, message } from './protobuf.ts';
import { isSteady } from './steadyGraph.ts';

const modelOf = (...operators: string[]) => {
  const nodes = operators.map((operator) =>
    message(GRAPH.node, nodeMessage({ operator, inputs: ['x'], outputs: ['y'] })),
  );
  return join([message(MODEL.graph, nodes)]);
};

for (const [what, onnx, expected] of [
  ['of convolutions, like the bundled ones', readFileSync('models/s2-scl/1.0.0/model.onnx'), true],
  ['of trees', modelOf('Scaler', 'TreeEnsembleClassifier', 'ZipMap'), true],
  ['with a loop', modelOf('Conv', 'Loop', 'Softmax'), false],
  ['that makes as many values as its input says', modelOf('Conv', 'Range'), false],
  ['of an operator of its own', modelOf('MyConv'), false],
] as const)
  test(`a graph ${what} ${expected ? 'takes' : 'may not take'} the same time for all inputs`, () =>
    assert.equal(isSteady(new Uint8Array(onnx)), expected));
