import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editedPackage, INPUT, OUTPUT } from '../../test/benches/packages.ts';
import { checkAgainstGraph, type Graph, outputName } from './check.ts';

const input = { name: 'input', isTensor: true, type: 'float32', shape: ['batch', 65, 65, 4] };
const output = { name: 'dense_1', isTensor: true, type: 'float32', shape: ['batch', 4] };

const graphOf = (changes: { input?: object; output?: object }): Graph => ({
  inputMetadata: [{ ...input, ...changes.input }],
  outputMetadata: [{ ...output, ...changes.output }],
});

for (const [name, graph] of [
  ['the same sizes', graphOf({})],
  ['all sizes free', graphOf({ input: { shape: ['a', 'b', 'c', 'd'] }, output: { shape: ['a', ''] } })],
  ['no shape', graphOf({ input: { shape: [] }, output: { shape: [] } })],
  ['other names', graphOf({ input: { name: 'x' }, output: { name: 'y' } })],
  [
    'a second output, where the item names the first',
    { inputMetadata: [input], outputMetadata: [{ ...output, name: 'embedding', shape: ['batch', 50] }, output] },
  ],
] as const)
  test(`item and graph agree: ${name}`, async () => {
    assert.deepEqual(checkAgainstGraph(await editedPackage([]), graph), []);
  });

test('one number a chip may come without a dimension of its own, as after a "squeeze"', async () => {
  const two = [0, 1].map((value) => ({ value, name: `class-${value}` }));
  const model = await editedPackage(
    [
      [`${OUTPUT}/classification:classes`, two],
      [`${OUTPUT}/result/shape`, [-1, 1]],
      [`${OUTPUT}/post_processing_function`, { format: 'swath', expression: 'sigmoid' }],
    ],
    { classes: { 'class-0': 1, 'class-1': 1 } },
  );
  for (const shape of [['batch', 1], ['batch']])
    assert.deepEqual(checkAgainstGraph(model, graphOf({ output: { shape } })), []);
  assert.equal(checkAgainstGraph(model, graphOf({ output: { shape: ['batch', 2] } })).length, 1);
});

const IN = 'input "input": found the';
const OUT = 'output "dense_1": found the';
const outputs = (...names: string[]) => names.map((name) => ({ ...output, name }));
const NAMED = 'allowed is one alone or one named as in mlm:output[0].name, "dense_1"';
for (const [graph, says] of [
  [
    graphOf({ input: { shape: ['batch', 4, 65, 65] } }),
    `${IN} shape [batch, 4, 65, 65], allowed is [-1, 65, 65, 4] as the item has it`,
  ],
  [
    graphOf({ input: { shape: ['batch', 65, 65] } }),
    `${IN} shape [batch, 65, 65], allowed is [-1, 65, 65, 4] as the item has it`,
  ],
  [graphOf({ input: { type: 'uint8' } }), `${IN} type uint8, allowed is float32 as in the item's mlm:input`],
  [
    graphOf({ input: { shape: [1, 65, 65, 4] } }),
    `${IN} shape [1, 65, 65, 4], allowed is [-1, 65, 65, 4] as the item has it`,
  ],
  [graphOf({ output: { shape: ['batch', 5] } }), `${OUT} shape [batch, 5], allowed is [-1, 4] as the item has it`],
  [graphOf({ output: { type: 'int64' } }), `${OUT} type int64, allowed is float32 as in the item's mlm:output`],
  [
    { inputMetadata: [input], outputMetadata: [{ name: 'dense_1', isTensor: false }] },
    'output "dense_1": found something else, allowed is a tensor',
  ],
  [
    { inputMetadata: [input, { ...input, name: 'date' }], outputMetadata: [output] },
    'found 2 inputs ("input", "date"), allowed is one',
  ],
  [{ inputMetadata: [input], outputMetadata: outputs('a', 'b') }, `found the outputs "a", "b", ${NAMED}`],
  [{ inputMetadata: [input], outputMetadata: [] }, `found the outputs none, ${NAMED}`],
] as const)
  test(`item and graph disagree: ${says}`, async () => {
    assert.deepEqual(checkAgainstGraph(await editedPackage([]), graph), [`model.onnx: ${says}`]);
  });

test('a fixed batch size must be the same in item and graph, or free in the graph', async () => {
  const model = await editedPackage([
    [`${INPUT}/input/shape/0`, 8],
    [`${OUTPUT}/result/shape/0`, 8],
  ]);
  assert.deepEqual(checkAgainstGraph(model, graphOf({})), []);
  const same = graphOf({ input: { shape: [8, 65, 65, 4] }, output: { shape: [8, 4] } });
  assert.deepEqual(checkAgainstGraph(model, same), []);
  assert.equal(checkAgainstGraph(model, graphOf({ input: { shape: [4, 65, 65, 4] } })).length, 1);
});

test('all disagreements are reported at once', async () => {
  const graph = graphOf({ input: { type: 'uint8', shape: [1, 3, 65, 65] }, output: { shape: [1, 2] } });
  assert.equal(checkAgainstGraph(await editedPackage([]), graph).length, 3);
});

test('the output of the task is the only one, or the one that the item names', async () => {
  const model = await editedPackage([]);
  const named = (...names: string[]) => ({ inputMetadata: [], outputMetadata: outputs(...names) });
  assert.equal(outputName(model, named('y')), 'y');
  assert.equal(outputName(model, named('y', 'dense_1')), 'dense_1');
  assert.equal(outputName(model, named('y', 'z')), undefined);
});
