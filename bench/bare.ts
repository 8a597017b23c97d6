import '../core/inference/onnx/noTelemetry.ts';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { makePlane } from '../core/arrays/dataTypes.ts';
import { makeBandSelector, preparedBands } from '../core/package/bands.ts';
import { makeTensor, makeTensorFiller, tensorShape } from '../core/package/tensor.ts';
import { makeChipReader } from '../core/scenes/formats/tfrecord/chip.ts';
import { readTfRecord } from '../core/scenes/formats/tfrecord/tfrecord.ts';
import { model, PACKAGE } from './bundledModel.ts';
import { FRAMES } from './sceneFiles.ts';
import { startTaking, type Taken } from './taken.ts';

/**
 * The limit: onnxruntime alone on one thread, in full batches of the model's size, on tensors that are ready. Answers what
 * so many chips took; they are rounded to whole batches.
 */
export async function makeBare() {
  const session = await ort.InferenceSession.create(join(PACKAGE, model.artifact.file), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    enableMemPattern: false,
  });
  const { batchSize } = model;
  const feeds = {
    [session.inputNames[0]!]: new ort.Tensor('float32', readyTensor(), tensorShape(model.inputs[0]!, batchSize)),
  };
  return async (chips: number): Promise<Taken> => {
    const batches = Math.max(1, Math.round(chips / batchSize));
    const take = startTaking();
    for (let batch = 0; batch < batches; batch += 1) await session.run(feeds);
    return take(batches * batchSize);
  };
}

/** A batch of real chips, as the model takes them. */
function readyTensor(): Float32Array {
  const readChip = makeChipReader(model);
  const select = makeBandSelector(model);
  const fill = makeTensorFiller(model, model.inputs[0]!);
  const { height, width } = model.tensor;
  const planes = preparedBands(model).map(({ dataType }) => makePlane(dataType, height * width));
  const tensor = makeTensor(model.inputs[0]!, model.batchSize);
  for (let chip = 0; chip < model.batchSize; chip += 1) {
    const record = readTfRecord({ file: 'the shard', index: chip, offset: 0 }, FRAMES[chip % FRAMES.length]!);
    select(readChip(record).planes, planes);
    fill(planes, tensor, chip);
  }
  return tensor as Float32Array;
}
