import '../core/inference/onnx/noTelemetry.ts';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { SCENE_LIMITS } from '../core/base/limits.ts';
import { makePartBuilder } from '../core/scenes/partBuilder.ts';
import { decodePart } from '../core/scenes/preparedPart.ts';
import { rangesIn } from '../core/scenes/rangesIn.ts';
import { makeReadChips } from '../core/scenes/readChips.ts';
import { Z } from '../core/statistics/normal.ts';
import { wilson } from '../core/tasks/classification/numbers.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { classifyPart } from '../functions/infer/classifyPart.ts';
import { openModel } from '../local/stack/openModel.ts';
import vectors from '../test/models/digits.vectors.json' with { type: 'json' };

const FOLDER = new URL('digits/1.0.0/', import.meta.url);
const SAMPLE = new URL('../samples/digits/t10k-first-500.npz', import.meta.url);
/** Of MNIST's 10,000 test images. */
const CARD = 0.9826;

test('every image of the sample is classified as onnxruntime in Python has it, and as the card says', async () => {
  const model = await readModelPackage((name) => readFile(new URL(name, FOLDER)));
  const bytes = new Uint8Array(readFileSync(SAMPLE));
  const part = makePartBuilder(model, 500);
  const chunks = (async function* () {
    yield bytes;
  })();
  const scene = { key: 'digits.npz', size: bytes.length, chunks, range: rangesIn(bytes) };
  await makeReadChips(model, SCENE_LIMITS)(scene, part.add as () => undefined);
  const prepared = decodePart(part.take());
  const inference = await openModel(model, readFileSync(new URL(model.artifact.file, FOLDER)));
  const labels = Array.from((await classifyPart(inference, prepared, async () => {}))['label']!);
  assert.equal(labels.join(''), vectors.winners);
  assert.equal(Array.from(prepared.truth).join(''), vectors.labels);
  const right = labels.filter((label, chip) => label === prepared.truth[chip]).length;
  assert.deepEqual([right, labels.length], [vectors.right, 500]);
  const [low, high] = wilson(right / labels.length, labels.length, Z);
  assert.ok(low <= CARD && CARD <= high, `${CARD} is not between ${low} and ${high}`);
  const card = readFileSync(new URL('README.md', FOLDER), 'utf8');
  assert.match(card, /right for \*\*98\.26 %\*\* of MNIST's 10,000 test images/);
  assert.match(card, /\*\*494 of 500 \(98\.8 %\)\*\*; the 95 % interval reaches from 97\.4 % to 99\.4 %/);
  assert.deepEqual(
    [low, high].map((share) => (100 * share).toFixed(1)),
    ['97.4', '99.4'],
  );
});

test('the model file is the one that the item describes', () => {
  const bytes = readFileSync(new URL('model.onnx', FOLDER));
  const { model } = JSON.parse(readFileSync(new URL('item.json', FOLDER), 'utf8')).assets;
  assert.equal(model['file:size'], bytes.length);
  assert.equal(model['file:checksum'], `1220${createHash('sha256').update(bytes).digest('hex')}`);
});
