import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editedPackage } from '../test/benches/packages.ts';
import { runtimesOf } from './runtimes.ts';

for (const [format, name] of [
  ['onnx', 'onnxruntime'],
  ['open-inference', 'the Open Inference Protocol'],
  ['pickle', undefined],
] as const)
  test(`a model of the format ${format} is run by: ${name ?? 'nothing'}`, async () => {
    const model = await editedPackage([['assets/model/mlm:artifact_type', format]]);
    assert.equal(runtimesOf({}).find(({ takes }) => takes(model))?.name, name);
  });
