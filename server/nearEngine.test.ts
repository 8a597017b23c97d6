import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeBatches } from '../core/inference/batch.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { nearEngine } from './nearEngine.ts';

const DIGITS = new URL('../models/digits/1.0.0/', import.meta.url);
const bytes = new Uint8Array(readFileSync(new URL('model.onnx', DIGITS)));
const model = await readModelPackage(async (name) => readFileSync(new URL(name, DIGITS)));

for (const { title, given, isNear } of [
  { title: "a quick model runs on the server's own thread from its second batch on", given: bytes, isNear: true },
  {
    title: 'a model with a loop never does, as nothing could end it',
    given: Buffer.concat([bytes, Buffer.from('Loop')]),
    isNear: false,
  },
])
  test(title, async () => {
    let far = 0;
    const outputs = new Float32Array(10);
    const run = async () => {
      far += 1;
      return outputs;
    };
    const engine = nearEngine({ run }, model, given);
    const batch = () => makeBatches(model).of([{ planes: [new Uint8Array(784).fill(9)] }]);
    assert.equal(await engine.run(batch()), outputs);
    const second = await engine.run(batch());
    assert.equal(far, isNear ? 1 : 2);
    assert.equal(second === outputs, !isNear);
    assert.equal(Math.round(Array.from(second).reduce((sum, value) => sum + value, 0)), isNear ? 1 : 0);
    engine.close?.();
  });
