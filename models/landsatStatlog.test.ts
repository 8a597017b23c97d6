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
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { classifyPart } from '../functions/infer/classifyPart.ts';
import { openModel } from '../local/stack/openModel.ts';
import vectors from '../test/models/landsatStatlog.vectors.json' with { type: 'json' };

const FOLDER = new URL('landsat-statlog/1.0.0/', import.meta.url);
const SAMPLE = new URL('../samples/landsat-statlog/test.csv', import.meta.url);

/** What the steps make of the sample: of each row the shares of its classes, the winner and the truth. */
async function classify() {
  const model = await readModelPackage((name) => readFile(new URL(name, FOLDER)));
  const bytes = readFileSync(SAMPLE);
  const part = makePartBuilder(model, 2000);
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  })();
  const scene = { key: 'test.csv', size: bytes.length, chunks, range: rangesIn(bytes) };
  await makeReadChips(model, SCENE_LIMITS)(scene, part.add as () => undefined);
  const prepared = decodePart(part.take());
  const inference = await openModel(model, readFileSync(new URL(model.artifact.file, FOLDER)));
  return { model, prepared, values: await classifyPart(inference, prepared, async () => {}) };
}

test('every row of the sample is classified as onnxruntime in Python has it, and as the card says', async () => {
  const { model, prepared, values } = await classify();
  const labels = Array.from(values['label']!);
  assert.equal(
    labels.map((label) => model.classes.findIndex(({ value }) => value === label)).join(''),
    vectors.winners,
  );
  const votes = vectors.votes.map((_, row) =>
    model.classes.map(({ value }) => Math.round(15 * Number(values[`p_${value}`]![row]))),
  );
  assert.deepEqual(votes, vectors.votes);
  const right = labels.filter((label, row) => label === prepared.truth[row]).length;
  assert.deepEqual([right, labels.length], [vectors.right, 2000]);
  assert.ok(right / labels.length >= 0.92);
  assert.match(readFileSync(new URL('README.md', FOLDER), 'utf8'), /right for \*\*1,842 of 2,000 \(92\.10 %\)\*\*/);
});

test('the model file is the one that the item describes', () => {
  const bytes = readFileSync(new URL('model.onnx', FOLDER));
  const { model } = JSON.parse(readFileSync(new URL('item.json', FOLDER), 'utf8')).assets;
  assert.equal(model['file:size'], bytes.length);
  assert.equal(model['file:checksum'], `1220${createHash('sha256').update(bytes).digest('hex')}`);
});
