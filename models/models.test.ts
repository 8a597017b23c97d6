import '../core/inference/onnx/noTelemetry.ts';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { makePlane } from '../core/arrays/dataTypes.ts';
import { readSample } from '../core/doors/requests/sample.ts';
import { predictChip } from '../core/inference/predict.ts';
import { isBlank } from '../core/measures/blanks/blanks.ts';
import { makeBandSelector, makeSourceReader, preparedBands } from '../core/package/bands.ts';
import { checkAgainstGraph, outputName } from '../core/package/check.ts';
import { compareSample } from '../core/package/compareSample.ts';
import { makeTensor, makeTensorFiller, tensorShape } from '../core/package/tensor.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { openModel } from '../local/stack/openModel.ts';
import { buildIndices } from '../test/models/buildIndices.ts';
import { bytesOf, sampleChips } from '../test/models/sampleChips.ts';

const BASELINE = new URL('droughtwatch-baseline/1.0.0/', import.meta.url);

/** Classifies the bundled shard with a package: the probabilities of the chips that are not blank, and their labels. */
async function classify(folder: URL) {
  const model = await readModelPackage((name) => readFile(new URL(name, folder)));
  const session = await InferenceSession.create(readFileSync(new URL(model.artifact.file, folder)));
  assert.deepEqual(checkAgainstGraph(model, session), []);

  const read = makeSourceReader(model);
  const chips = sampleChips()
    .map((chip) => ({ label: chip.label, source: read(bytesOf(chip, model.source.bands), () => 'the shard') }))
    .filter(({ source }) => !isBlank({ planes: source }, model));
  const tensor = makeTensor(model.inputs[0]!, chips.length);
  const select = makeBandSelector(model);
  const fill = makeTensorFiller(model, model.inputs[0]!);
  const prepared = preparedBands(model).map((band) => makePlane(band.dataType, 65 * 65));
  for (const [i, { source }] of chips.entries()) {
    select(source, prepared);
    fill(prepared, tensor, i);
  }
  assert.ok(tensor instanceof Float32Array);
  const feeds = {
    [session.inputNames[0]!]: new Tensor('float32', tensor, tensorShape(model.inputs[0]!, chips.length)),
  };
  const scores = (await session.run(feeds))[outputName(model, session)!]!.data;
  assert.ok(scores instanceof Float32Array);
  const width = model.classes.length;
  const rows = chips.map((_, i) => [...scores.subarray(i * width, (i + 1) * width)]);
  return { rows, labels: chips.map(({ label }) => label), session };
}

const highest = (row: readonly number[]) => row.indexOf(Math.max(...row));
const countsOf = (classes: readonly number[]) =>
  [0, 1, 2, 3].map((each) => classes.filter((one) => one === each).length);
const near = (got: readonly number[], want: readonly number[]) =>
  assert.ok(
    got.every((value, i) => Math.abs(value - want[i]!) < 1e-5),
    String(got),
  );

test('the baseline classifies the bundled shard as its model card says', async () => {
  const { rows, labels } = await classify(BASELINE);
  const predicted = rows.map(highest);
  // onnxruntime in Python on numpy's own B2 … B5 / 255
  near(rows[0]!, [0.00428371736779809, 0.9747929573059082, 0.015392796136438847, 0.00553047563880682]);
  assert.deepEqual(countsOf(predicted), [45, 6, 11, 17]);
  const right = predicted.filter((label, i) => label === labels[i]).length;
  assert.deepEqual([right, labels.length], [39, 79]);
  const card = readFileSync(new URL('README.md', BASELINE), 'utf8');
  assert.match(card, /39 of 79 chips \(49 %\)/);
});

test('the model file is the one that the item describes', () => {
  const bytes = readFileSync(new URL('model.onnx', BASELINE));
  const { model } = JSON.parse(readFileSync(new URL('item.json', BASELINE), 'utf8')).assets;
  assert.equal(model['file:size'], bytes.length);
  // A multihash: 12 for SHA-256, 20 for its 32 bytes.
  assert.equal(model['file:checksum'], `1220${createHash('sha256').update(bytes).digest('hex')}`);
});

/** The packages that come with the project. */
const packages = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
  .filter((one) => one.isDirectory())
  .map(({ name }) => name);

test('each package of chips that are small in JSON has a sample', async () => {
  const sampled = packages.filter((name) => existsSync(new URL(`${name}/1.0.0/sample.json`, import.meta.url)));
  assert.deepEqual(sampled, ['digits', 'droughtwatch-baseline', 'landsat-statlog', 'spam']);
  assert.deepEqual(
    packages.filter((name) => !sampled.includes(name)),
    ['s2-b8a', 's2-scl'],
  );
  for (const name of sampled) {
    const folder = new URL(`${name}/1.0.0/`, import.meta.url);
    const files = (file: string) => readFile(new URL(file, folder));
    const model = await readModelPackage(files);
    const { chip, prediction } = (await readSample(files, model))!;
    const inference = await openModel(model, await files(model.artifact.file));
    assert.equal(compareSample(await predictChip(inference, chip), prediction), null, name);
    assert.ok(statSync(new URL('sample.json', folder)).size <= 200_000, name);
  }
});

test('true colour is found by common names', () => {
  const { properties } = JSON.parse(readFileSync(new URL('item.json', BASELINE), 'utf8'));
  const named = new Map(properties.bands.map((band: Record<string, string>) => [band['eo:common_name'], band['name']]));
  assert.deepEqual([named.get('red'), named.get('green'), named.get('blue')], ['B4', 'B3', 'B2']);
});

for (const [evi, first, counts] of [
  [false, [0.06452737748622894, 0.23915837705135345, 0.3982827663421631, 0.29803144931793213], [33, 37, 8, 1]],
  [true, [0.04084744304418564, 0.18992038071155548, 0.3967735171318054, 0.37245866656303406], [5, 58, 15, 1]],
] as const)
  test(`a package of vegetation indices${evi ? ' with EVI' : ''} is built, read and run`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'swath-indices-'));
    t.after(() => rmSync(folder, { recursive: true }));
    buildIndices(folder, { evi });
    assert.deepEqual(readdirSync(folder).sort(), ['README.md', 'item.json', 'model.onnx', 'reference.json']);
    const { rows } = await classify(pathToFileURL(`${folder}/`));
    // onnxruntime in Python, with the same model file, on numpy's own indices
    near(rows[0]!, first);
    assert.deepEqual(countsOf(rows.map(highest)), counts);
  });
