import '../core/inference/onnx/noTelemetry.ts';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { classifyTexts, softmax } from '../test/models/classifyTexts.ts';
import vectors from '../test/models/spam.vectors.json' with { type: 'json' };

const FOLDER = new URL('spam/1.0.0/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, FOLDER), 'utf8');

test("every text has the probabilities that onnxruntime in Python has, with Hugging Face's own tokenizer", async () => {
  const found = await classifyTexts(fileURLToPath(FOLDER), vectors.texts);
  for (const [i, { probabilities, label }] of found.entries()) {
    const wanted = softmax(vectors.logits[i]!);
    const apart = Math.max(...probabilities.map((one, at) => Math.abs(one - wanted[at]!)));
    assert.ok(apart < 1e-4, `${vectors.texts[i]}: ${probabilities}, wanted ${wanted}`);
    assert.equal(label, wanted.indexOf(Math.max(...wanted)));
  }
});

test('the card, the item and the reference say how many of the held-out mails are right', () => {
  const { chips, right, meanProbability } = JSON.parse(read('reference.json')).calibration;
  const share = right / chips;
  const [all, some] = [chips, right].map((count) => count.toLocaleString('en'));
  assert.ok(read('README.md').includes(`right for **${some} of ${all} (${(100 * share).toFixed(1)} %)**`));
  assert.ok(Math.abs(JSON.parse(read('item.json')).properties['swath:expected_accuracy'] - share) < 0.001);
  assert.ok(Math.abs(meanProbability - share) < 0.02);
});

test('the model file is the one that the item describes', () => {
  const bytes = readFileSync(new URL('model.onnx', FOLDER));
  const { model } = JSON.parse(read('item.json')).assets;
  assert.equal(model['file:size'], bytes.length);
  assert.equal(model['file:checksum'], `1220${createHash('sha256').update(bytes).digest('hex')}`);
});
