import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { BASELINE } from '../../../test/benches/packages.ts';
import { attempt } from '../../base/errors.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { checkGraph } from './readGraph.ts';

const model = await readModelPackage((file) => readFile(new URL(file, BASELINE)));
const onnx = await readFile(new URL('model.onnx', BASELINE));

test('a package whose item matches its graph passes, and a mismatched input is named', () => {
  checkGraph(model, onnx);
  const wider = { ...model, inputs: [{ ...model.inputs[0]!, count: model.inputs[0]!.count + 1 }] };
  assert.throws(() => checkGraph(wider, onnx), {
    name: 'InvalidModelPackage',
    message: /^model\.onnx: input "[^"]+": found the shape \[.*\], allowed is /,
  });
  const otherType = { ...model, output: { ...model.output, dataType: 'float64' as const } };
  assert.throws(() => checkGraph(otherType, onnx), {
    message: /output "[^"]+": found the type float32, allowed is float64/,
  });
  assert.throws(() => checkGraph(model, onnx.subarray(0, 1000)), {
    name: 'InvalidModelPackage',
    message: /^model\.onnx: /,
  });
});

test('a function that the graph ends with already is refused: it would be applied twice', () => {
  const twice = { ...model, output: { ...model.output, activation: 'softmax' as const } };
  assert.throws(() => checkGraph(twice, onnx), {
    message:
      'item.json: properties.mlm:output[0].post_processing_function: found “softmax”, allowed is null: the graph ends with Softmax already',
  });
});

const SCIKIT_LEARN = new URL('../../../cli/models/fixtures/scikit-learn/', import.meta.url);

for (const [file, values, names, refused] of [
  ['names-tensor', [0, 1, 2], ['setosa', 'versicolor', 'virginica'], false],
  ['names-tensor', [0, 1, 2], ['virginica', 'setosa', 'versicolor'], true],
  ['numbers-tensor', [0, 1, 2], ['a', 'b', 'c'], false],
  ['numbers-tensor', [2, 1, 0], ['a', 'b', 'c'], true],
  ['numbers-tensor', [4, 5, 6], ['a', 'b', 'c'], false], // it says nothing of those
] as const)
  test(`classes ${values} (${names}) ${refused ? 'are in another order than' : 'fit'} those of ${file}.onnx`, async () => {
    const classes = names.map((name, i) => ({ name, value: values[i]! }));
    const bytes = await readFile(new URL(`${file}.onnx`, SCIKIT_LEARN));
    const found = attempt(
      () => checkGraph({ ...model, classes }, bytes),
      (error) => (error as Error).message,
    );
    const says =
      /classification:classes: found .*, allowed is the order of the graph: (setosa, versicolor, virginica|0, 1, 2)/;
    assert.equal(says.test(`${found}`), refused, `${found}`);
  });
