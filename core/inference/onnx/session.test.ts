import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runtimes } from '../../../local/stack/openModel.ts';
import {
  editedPackage,
  INPUT,
  OUTPUT,
  readBaselineFile,
  readFrom,
  smallModel,
} from '../../../test/benches/packages.ts';
import { indicesPackage } from '../../../test/models/buildIndices.ts';
import { encodeOnnx, type OnnxGraph, type OnnxNode } from '../../../test/models/onnx.ts';
import { bytesOf, sampleChips } from '../../../test/models/sampleChips.ts';
import { sized } from '../../../test/tfrecord.ts';
import { InvalidModelPackage, ObjectNotFound } from '../../base/errors.ts';
import { isBlank } from '../../measures/blanks/blanks.ts';
import { makeSourceReader } from '../../package/bands.ts';
import type { ModelPackage } from '../../package/package.ts';
import { makePartBuilder } from '../../scenes/partBuilder.ts';
import { decodePart, type PreparedPart } from '../../scenes/preparedPart.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { type Inference, makeInferences, openModel } from '../predict.ts';

const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };

const open = (model: ModelPackage, bytes: Uint8Array) => openModel(model, async () => bytes, { runtimes, threads: 1 });
const unread = () => Promise.reject(new Error('its file is not needed'));

const baseline = await readModelPackage(readBaselineFile);
const file = await readBaselineFile('model.onnx');

describe('the bundled model', () => {
  const part = sampleOf(baseline);
  const loaded = open(baseline, file);

  test('gives each chip of the sample its probabilities', async () => {
    const rows = await classifyAll(await loaded, part);
    // onnxruntime in Python, on numpy's own B2 … B5 / 255
    for (const [i, p] of [0.00428371736779809, 0.9747929573059082, 0.015392796136438847, 0.00553047563880682].entries())
      assert.ok(Math.abs(rows[0]![i]! - p) < 1e-5);
    // The model card's counts.
    const winners = rows.map((row) => row.indexOf(Math.max(...row)));
    assert.deepEqual(
      [0, 1, 2, 3].map((label) => winners.filter((winner) => winner === label).length),
      [45, 6, 11, 17],
    );
  });

  test('gives the same results in batches of any size, whatever ran before', async () => {
    const inference = await loaded;
    const all = await classifyAll(inference, part);
    for (const batchSize of [1, 7, baseline.batchSize - 1]) {
      const rows = await classifyAll({ ...inference, batchSize }, part);
      for (const [chip, row] of rows.entries())
        for (const [i, p] of row.entries()) assert.ok(Math.abs(p - all[chip]![i]!) < 1e-5, `chip ${chip}`);
    }
  });

  for (const calls of [2, 10])
    test(`answers ${calls} concurrent calls, each for its own chips`, async () => {
      const { scores } = await loaded;
      const chips = Array.from({ length: calls }, (_, i) => 7 * i);
      const alone: number[][] = [];
      for (const chip of chips) alone.push([...(await scores(part, chip, 1))]);
      const atOnce = await Promise.all(chips.map((chip) => scores(part, chip, 1)));
      assert.deepEqual(
        atOnce.map((row) => [...row]),
        alone,
      );
    });

  test('is run in batches of the size that its package suggests', async () => {
    const { batchSize, model } = await loaded;
    assert.deepEqual([batchSize, model], [baseline.batchSize, baseline]);
  });
});

test('a package with derived bands runs the same way', async () => {
  const files = indicesPackage();
  const model = await readModelPackage(readFrom(files));
  const inference = await open(model, await readFrom(files)('model.onnx'));
  const rows = await classifyAll(inference, sampleOf(model));
  const winners = rows.map((row) => row.indexOf(Math.max(...row)));
  // onnxruntime in Python, with the same model file, on numpy's own indices
  assert.deepEqual(
    [0, 1, 2, 3].map((label) => winners.filter((winner) => winner === label).length),
    [33, 37, 8, 1],
  );
});

describe('a small model whose outputs are A, B, A + B and 0', () => {
  const pairs = [
    [1, 2],
    [3, 0],
    [0, 0],
    [200, 100],
    [5, 5],
  ] as const;

  for (const batch of [-1, 1, 4])
    test(`that takes ${batch < 0 ? 'any batch' : `batches of ${batch} only`}, and gives logits`, async () => {
      const model = await smallPackage(batch, { format: 'swath', expression: 'softmax' });
      const inference = await open(model, smallGraph(batch));
      const rows = await classifyAll(inference, smallPart(pairs));
      assert.equal(rows.length, pairs.length);
      for (const [chip, [a, b]] of pairs.entries()) {
        const logits = [a, b, a + b, 0];
        const total = logits.reduce((sum, logit) => sum + Math.exp(logit - (a + b)), 0);
        for (const [i, logit] of logits.entries())
          assert.ok(Math.abs(rows[chip]![i]! - Math.exp(logit - (a + b)) / total) < 1e-6, `chip ${chip}, class ${i}`);
      }
    });

  test('whose package has no softmax returns its outputs unchanged', async () => {
    const inference = await open(await smallPackage(4, null), smallGraph(4));
    assert.deepEqual(
      await classifyAll(inference, smallPart(pairs)),
      pairs.map(([a, b]) => [a, b, a + b, 0]),
    );
  });
});

describe('a package that cannot run is refused:', () => {
  test('one that no runtime takes, before its file is read', async () => {
    const model = await editedPackage([['assets/model/mlm:artifact_type', 'torch.save']]);
    await assert.rejects(openModel(model, unread, { runtimes, threads: 1 }), {
      name: 'InvalidModelPackage',
      message:
        'model.onnx: found a model of the format torch.save, which none of these runs: onnxruntime, the Open Inference Protocol.',
    });
  });

  for (const [what, bytes] of [
    ['a file that is not an ONNX model', new TextEncoder().encode('<html>404 Not Found</html>')],
    ['an empty model', new Uint8Array()],
    ['half a model', file.subarray(0, 100_000)],
  ] as const)
    test(what, async () => {
      await assert.rejects(open(baseline, bytes), {
        name: 'InvalidModelPackage',
        message: /^model\.onnx: (is not an ONNX model: at byte|onnxruntime cannot load it \().+$/s,
      });
    });

  test('a model with data in another file, before onnxruntime gets to see it', async () => {
    const tensor = sized(5, encoded('x', 8), sized(13, encoded('location', 1), encoded('../../etc/passwd', 2)));
    await assert.rejects(open(baseline, sized(7, tensor)), {
      name: 'InvalidModelPackage',
      message:
        /^model\.onnx: the tensor "x" has its data outside of the model \(".*\.\.\/\.\.\/etc\/passwd"\), allowed is/,
    });
  });

  test('a model with a custom operator, with the error of onnxruntime', async () => {
    const graph = smallOf(4, { operator: 'Exec', inputs: ['flat'], outputs: ['scores'] });
    await assert.rejects(open(await smallPackage(4, null), encodeOnnx(graph)), {
      name: 'InvalidModelPackage',
      message: /^model\.onnx: onnxruntime cannot load it \(.*No Op registered for Exec.*\)$/s,
    });
  });

  test('a model with a free number of rows that returns the wrong number', async () => {
    // It leaves out the chips on which there is nothing.
    const graph = smallOf(-1, { operator: 'MatMul', inputs: ['flat', 'weights'], outputs: ['all'] });
    const nodes: OnnxNode[] = [
      ...graph.nodes,
      { operator: 'ReduceMax', inputs: ['flat'], outputs: ['highest'], attributes: { axes: [1], keepdims: 0 } },
      { operator: 'Cast', inputs: ['highest'], outputs: ['isSeen'], attributes: { to: 9 } },
      { operator: 'Compress', inputs: ['all', 'isSeen'], outputs: ['scores'], attributes: { axis: 0 } },
    ];
    const inference = await open(await smallPackage(-1, null), encodeOnnx({ ...graph, nodes }));
    assert.deepEqual(await classifyAll(inference, smallPart([[1, 2]])), [[1, 2, 3, 0]]);
    const part = smallPart([
      [1, 2],
      [0, 0],
    ]);
    await assert.rejects(classifyAll(inference, part), {
      name: 'InvalidModelPackage',
      message:
        'model.onnx: found an output of the shape [1, 4], allowed is [2, 4]: a row for each chip, a column for each class',
    });
  });

  test('a model of another shape, with all mismatches in the error', async () => {
    const model = await smallPackage(4, null);
    const inputs = model.inputs.map((input) => ({ ...input, count: 2 * input.count }));
    const other = { ...model, inputs, bands: [...model.bands, ...model.bands], classes: model.classes.slice(1) };
    await assert.rejects(open(other, smallGraph(4)), (error) => {
      assert.ok(error instanceof InvalidModelPackage);
      assert.match(error.message, /input "pixels": found the shape \[4, 2, 1, 1\], allowed is \[4, 4, 1, 1\]/);
      assert.match(error.message, /output "scores": found the shape \[4, 4\], allowed is \[4, 3\]/);
      return true;
    });
  });
});

test('a closed model finishes the calls in progress and rejects later ones', async () => {
  const { scores, close } = await open(baseline, file);
  const part = sampleOf(baseline);
  const before = scores(part, 0, 1);
  await close!();
  assert.equal((await before).length, 4);
  await assert.rejects(scores(part, 0, 1));
});

test('a container opens each version once, and again only after a failure', async () => {
  const model = await smallPackage(-1, null);
  let reads = 0;
  const inferences = makeInferences(
    {
      load: async () => model,
      fileOf: () => async (file) => {
        reads += 1;
        assert.equal(file, 'model.onnx');
        if (reads === 1) throw new ObjectNotFound('not there yet');
        return smallGraph(-1);
      },
    },
    { runtimes, threads: 1 },
  );
  await assert.rejects(inferences(ref), ObjectNotFound);
  const [one, same] = await Promise.all([inferences(ref), inferences({ ...ref })]);
  assert.equal(one, same);
  assert.equal(reads, 2);
  assert.notEqual(await inferences({ ...ref, version: '1.0.1' }), one);
});

async function classifyAll({ scores, batchSize }: Inference, part: PreparedPart): Promise<number[][]> {
  const rows: number[][] = [];
  for (let first = 0; first < part.chips; first += batchSize) {
    const chips = Math.min(batchSize, part.chips - first);
    const values = [...(await scores(part, first, chips))];
    assert.equal(values.length, chips * 4);
    for (let at = 0; at < values.length; at += 4) rows.push(values.slice(at, at + 4));
  }
  return rows;
}

/** The bundled shard's chips as a package prepares them, blanks left out. */
function sampleOf(model: ModelPackage): PreparedPart {
  const read = makeSourceReader(model);
  const planes = sampleChips()
    .map((chip) => read(bytesOf(chip, model.source.bands), () => 'the shard'))
    .filter((source) => !isBlank({ planes: source }, model));
  const builder = makePartBuilder(model, planes.length);
  for (const [index, source] of planes.entries())
    builder.add({ place: { index, kind: 'index' }, planes: source, truth: null });
  return decodePart(builder.take());
}

function smallPackage(batch: number, softmax: unknown): Promise<ModelPackage> {
  const bands = ['A', 'B'].map((name) => ({ name, data_type: 'uint8' }));
  return editedPackage([
    ...smallModel(bands, [1, 1]),
    [`${INPUT}/input/shape/0`, batch],
    [`${OUTPUT}/result/shape/0`, batch],
    [`${OUTPUT}/post_processing_function`, softmax],
  ]);
}

function smallGraph(batch: number): Uint8Array {
  return encodeOnnx(smallOf(batch, { operator: 'MatMul', inputs: ['flat', 'weights'], outputs: ['scores'] }));
}

function smallOf(batch: number, last: OnnxNode): OnnxGraph {
  const size = batch === -1 ? 'batch' : batch;
  return {
    name: 'sums',
    inputs: [{ name: 'pixels', dimensions: [size, 2, 1, 1] }],
    outputs: [{ name: 'scores', dimensions: [size, 4] }],
    constants: [{ name: 'weights', dimensions: [2, 4], values: [1, 0, 1, 0, 0, 1, 1, 0] }],
    nodes: [{ operator: 'Flatten', inputs: ['pixels'], outputs: ['flat'], attributes: { axis: 1 } }, last],
  };
}

const encoded = (value: string, field: number) => sized(field, new TextEncoder().encode(value));

function smallPart(pairs: readonly (readonly [number, number])[]): PreparedPart {
  const chips = pairs.length;
  const places = Int32Array.from(pairs.keys());
  return {
    chips,
    index: places,
    offset: BigInt64Array.from(places, BigInt),
    length: places,
    truth: pairs.map(() => null),
    bands: ['A', 'B'].map((name, i) => ({
      name,
      dataType: 'uint8',
      values: Uint8Array.from(pairs, (pair) => pair[i]!),
    })),
  };
}
