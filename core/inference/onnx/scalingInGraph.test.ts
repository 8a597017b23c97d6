import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { editedPackage, INPUT, readBaselineFile, smallModel } from '../../../test/benches/packages.ts';
import { encodeOnnx, type OnnxGraph, type OnnxValue } from '../../../test/models/onnx.ts';
import { bytesOf, sampleChips } from '../../../test/models/sampleChips.ts';
import type { Dimension } from '../../package/facts.ts';
import type { ModelPackage } from '../../package/package.ts';
import { makeTensor, makeTensorFiller, tensorShape } from '../../package/tensor.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { withScaling } from './scalingInGraph.ts';

const CHIPS = 64;
const baseline = await readModelPackage(readBaselineFile);

describe('each of the 256 byte values is scaled and laid out bit for bit as outside the graph:', () => {
  const layouts: Dimension[][] = [
    ['batch', 'bands', 'height', 'width'],
    ['batch', 'height', 'width', 'bands'],
    ['batch', 'width', 'bands', 'height'],
  ];
  for (const dimensions of layouts)
    for (const divisors of [
      [255, 255],
      [10_000, Math.fround(0.1)],
      [-3, 1],
    ])
      test(`${dimensions.slice(1).join(' × ')}, divided by ${divisors.join(' and ')}`, async () => {
        const model = await packageOf(dimensions, divisors);
        const bytes = Uint8Array.from({ length: CHIPS * 2 * 2 }, (_, i) => i);
        const scaled = withScaling(model, echo(model));
        assert.ok(scaled !== null);
        const found = await run(scaled, new ort.Tensor('uint8', bytes, [CHIPS, 2, 2, 1]));
        const expected = makeTensor(model, CHIPS);
        const fill = makeTensorFiller(model);
        for (let chip = 0; chip < CHIPS; chip += 1)
          fill([bytes.subarray(4 * chip, 4 * chip + 2), bytes.subarray(4 * chip + 2, 4 * chip + 4)], expected, chip);
        assert.deepEqual(found, expected);
      });
});

test('the bundled model gives bit-identical results for the sample', async () => {
  const onnx = await readBaselineFile('model.onnx');
  const scaled = withScaling(baseline, onnx);
  assert.ok(scaled !== null);
  const chips = sampleChips().slice(0, baseline.batchSize);
  const planes = chips.map((chip) => bytesOf(chip, baseline.source.bands).slice(1, 5)); // B2 to B5
  const tensor = makeTensor(baseline, chips.length) as Float32Array;
  const fill = makeTensorFiller(baseline);
  for (const [i, of] of planes.entries()) fill(of, tensor, i);
  const bytes = new Uint8Array(Buffer.concat(planes.flat()));
  assert.deepEqual(
    await run(scaled, new ort.Tensor('uint8', bytes, [chips.length, 4, 65, 65])),
    await run(onnx, new ort.Tensor('float32', tensor, tensorShape(baseline, chips.length))),
  );
});

describe('a model is left unchanged', async () => {
  const model = await packageOf(['batch', 'bands', 'height', 'width'], [255, 255]);
  const input: OnnxValue = { name: 'pixels', dimensions: ['n', 2, 2, 1] };
  const scaling = (value: object) => ({ ...model, scaling: [value, value] }) as ModelPackage;
  const source = (dataType: string) =>
    ({
      ...model,
      source: { ...model.source, bands: model.source.bands.map((band) => ({ ...band, dataType })) },
    }) as ModelPackage;
  assert.ok(withScaling(model, echo(model)) !== null);
  for (const [what, package_, onnx] of [
    ['whose values are more than bytes', source('uint16'), echo(model)],
    ['whose scaling is more than a division', scaling({ type: 'min-max', minimum: 1, maximum: 2 }), echo(model)],
    ['whose scaling has bounds', scaling({ type: 'clip', minimum: 1, maximum: 2 }), echo(model)],
    ['whose divisor is not an exact float32', scaling({ type: 'scale', value: 0.1 }), echo(model)],
    ['that does not take floats', model, echo(model, [{ ...input, type: 'int64' }])],
    ['that takes another shape than its package says', model, echo(model, [{ ...input, dimensions: ['n', 2, 1, 2] }])],
    ['with an input that has no shape', model, echo(model, [{ ...input, dimensions: [] }])],
    ['with more inputs', model, echo(model, [input, { ...input, name: 'more' }])],
    ['without an input', model, echo(model, [])],
    ['that is not an ONNX file', model, new TextEncoder().encode('<html>404 Not Found</html>')],
    ['that is cut short', model, echo(model).subarray(0, -3)],
    ['that is empty', model, new Uint8Array()],
  ] as const)
    test(what, () => assert.equal(withScaling(package_, onnx), null));
});

/** A package of two bands of 2 × 1 bytes. */
function packageOf(dimensions: readonly Dimension[], divisors: readonly number[]): Promise<ModelPackage> {
  const sizes: Record<Dimension, number> = { batch: -1, bands: 2, height: 2, width: 1 };
  return editedPackage([
    ...smallModel(
      ['A', 'B'].map((name) => ({ name, data_type: 'uint8' })),
      [2, 1],
    ),
    [`${INPUT}/input/dim_order`, dimensions],
    [`${INPUT}/input/shape`, dimensions.map((dimension) => sizes[dimension])],
    [`${INPUT}/value_scaling`, divisors.map((value) => ({ type: 'scale', value }))],
  ]);
}

/** A model that gives back what it takes, a row a chip. */
function echo(model: ModelPackage, inputs?: OnnxValue[]): Uint8Array {
  const dimensions = tensorShape(model, 1).map((size, i) => (i === 0 ? 'n' : size));
  const graph: OnnxGraph = {
    name: 'echo',
    inputs: inputs ?? [{ name: 'pixels', dimensions }],
    outputs: [{ name: 'scores', dimensions: ['n', 4] }],
    constants: [],
    nodes: [{ operator: 'Flatten', inputs: ['pixels'], outputs: ['scores'], attributes: { axis: 1 } }],
  };
  return encodeOnnx(graph);
}

async function run(onnx: Uint8Array, input: ort.Tensor): Promise<unknown> {
  const session = await ort.InferenceSession.create(onnx, { intraOpNumThreads: 1 });
  const results = await session.run({ [session.inputNames[0]!]: input });
  return results[session.outputNames[0]!]!.data;
}
