import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeBatches } from '../core/inference/batch.ts';
import type { ChipBatch } from '../core/inference/feed.ts';
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
const now = () => clock;

test("a quick model runs on the server's own thread once a batch was quick", async () => {
  const engine = await nearEngine(far, model, bytes, { now });
  assert.equal(await engine.run(batch()), outputs);
  const second = await engine.run(batch());
  assert.equal(Math.round(Array.from(second).reduce((sum, value) => sum + value, 0)), 1);
  engine.close?.();
  assert.equal(await engine.run(batch()), outputs, 'a closed one has its model loaded in the thread alone');
});

test('a model that may take long for some input never does', async () => {
  const looping = Buffer.from(bytes);
  looping.write('Loop', looping.indexOf('"\x04Relu') + 2); // a node's operator, with its tag and length
  assert.equal(await nearEngine(far, model, looping), far);
});

test('after a batch that takes too long there, batches run in a thread until one is quick again', async () => {
  const times = [0.1, 9, 0.1];
  const engine = await nearEngine(far, model, bytes, { open: async () => ({ scores: taking(times) }), now });
  const isFar = [];
  for (let i = 0; i < 5; i += 1) isFar.push((await engine.run(batch())) === outputs);
  assert.deepEqual(isFar, [true, false, false, true, false]);
});

test('what a chip takes in a large batch says nothing of a small one', async () => {
  const slow = { run: async ({ chips }: ChipBatch) => (chips > 1 ? far.run() : taking([30])()) };
  const engine = await nearEngine(slow, model, bytes, { open: async () => ({ scores: taking([]) }), now });
  await engine.run(batch());
  assert.equal(engine.isLight?.(1), false);
});

/** Answers after so many milliseconds of the clock. */
const taking = (times: number[]) => async () => {
  clock += times.shift()!;
  return new Float32Array(1);
};
