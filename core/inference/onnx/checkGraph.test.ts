import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { BASELINE } from '../../../test/benches/packages.ts';
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
