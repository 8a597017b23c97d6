import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mock, test } from 'node:test';
import { makeBatches } from '../core/inference/batch.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { nearEngine } from './nearEngine.ts';

const DIGITS = new URL('../models/digits/1.0.0/', import.meta.url);
const bytes = new Uint8Array(readFileSync(new URL('model.onnx', DIGITS)));
const model = await readModelPackage(async (name) => readFileSync(new URL(name, DIGITS)));
const batch = () => makeBatches(model).of([{ planes: [new Uint8Array(784).fill(9)] }]);
/** What the engine in a thread answers here, of which each batch takes a tenth of a millisecond of this clock. */
const outputs = new Float32Array(10);
let clock = 0;
const far = {
  run: async () => {
    clock += 0.1;
    return outputs;
  },
};
mock.method(performance, 'now', () => clock);

test("a quick model runs on the server's own thread from its second batch on", async () => {
  const engine = nearEngine(far, model, bytes);
  assert.equal(await engine.run(batch()), outputs);
  const second = await engine.run(batch());
  assert.equal(Math.round(Array.from(second).reduce((sum, value) => sum + value, 0)), 1);
  engine.close?.();
});

test('a model that may take long for some input never does', () => {
  const looping = Buffer.from(bytes);
  looping.write('Loop', looping.indexOf('"\x04Relu') + 2); // a node's operator, with its tag and length
  assert.equal(nearEngine(far, model, looping), far);
});

test('after a batch that takes too long there, batches run in a thread until one is quick again', async () => {
  const times = [0.1, 9, 0.1];
  const scores = async () => {
    clock += times.shift()!;
    return new Float32Array(1);
  };
  const engine = nearEngine(far, model, bytes, async () => ({ scores }));
  const isFar = [];
  for (let i = 0; i < 5; i += 1) isFar.push((await engine.run(batch())) === outputs);
  assert.deepEqual(isFar, [true, false, false, true, false]);
});
