import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoding } from '../../../core/inference/predict.ts';
import { editedPackage } from '../../../test/benches/packages.ts';
import { withoutGpu } from './onGpu.ts';

const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };
const opened = async (edits: Parameters<typeof editedPackage>[0]) =>
  decoding(await editedPackage(edits), () => Promise.reject(new Error('not run')), 1);

test('a job without a GPU takes a model that may use one, and refuses a model that runs on nothing else', async () => {
  const may = await opened([
    ['properties/mlm:accelerator', 'cuda'],
    ['properties/swath:runner', 'batch'],
  ]);
  assert.equal(await withoutGpu(async () => may)(ref), may);
  const must = await opened([
    ['properties/mlm:accelerator', 'cuda'],
    ['properties/mlm:accelerator_constrained', true],
  ]);
  await assert.rejects(withoutGpu(async () => must)(ref), {
    name: 'InvalidModelPackage',
    message: /^droughtwatch-baseline\/1\.0\.0: its package says that it runs on cuda only .* batchGpus is 0\./,
  });
});
