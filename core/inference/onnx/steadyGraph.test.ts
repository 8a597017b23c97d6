import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { join, message, text } from '../../base/protobuf.ts';
import { GRAPH, MODEL, NODE, nodeMessage } from './onnxMessages.ts';
import { isSteady } from './steadyGraph.ts';

type Node = { operator: string; inputs?: string[]; domain?: string };

function modelOf(nodes: readonly Node[], { constants = [] as string[], more = [] as Uint8Array[] } = {}): Uint8Array {
  const graph = nodes.map(({ operator, inputs = ['x'], domain }) =>
    message(GRAPH.node, [
      ...nodeMessage({ operator, inputs, outputs: ['y'] }),
      ...(domain === undefined ? [] : [text(NODE.domain, domain)]),
    ]),
  );
  const values = constants.map((name) => message(GRAPH.constant, [text(8, name)]));
  return join([message(MODEL.graph, [...graph, ...values]), ...more]);
}

const conv = { operator: 'Conv' };
const reshape = { operator: 'Reshape', inputs: ['x', 'shape'] };

for (const [what, onnx, expected] of [
  ['of convolutions, like the bundled ones', readFileSync('models/s2-scl/1.0.0/model.onnx'), true],
  ['of droughtwatch', readFileSync('models/droughtwatch-baseline/1.0.0/model.onnx'), true],
  ['that reshapes by a constant', modelOf([conv, reshape], { constants: ['shape'] }), true],
  ['that reshapes by what it computes', modelOf([conv, reshape]), false],
  ['with a loop', modelOf([conv, { operator: 'Loop' }]), false],
  ['of trees, whose branches may be a circle', modelOf([{ operator: 'TreeEnsembleClassifier' }]), false],
  ['that makes as many values as its input says', modelOf([conv, { operator: 'Range' }]), false],
  ["of another domain's operator", modelOf([{ ...conv, domain: 'my' }]), false],
  ['with a function', modelOf([conv], { more: [message(MODEL.function, [])] }), false],
  ['in two pieces', modelOf([conv], { more: [message(MODEL.graph, [])] }), false],
] as const)
  test(`a graph ${what} ${expected ? 'takes' : 'may not take'} the same time for all inputs`, () =>
    assert.equal(isSteady(new Uint8Array(onnx)), expected));
