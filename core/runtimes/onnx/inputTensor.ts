import * as ort from 'onnxruntime-node';
import type { Plane } from '../../models/dataTypes.ts';
import type { ModelPackage } from '../../models/package.ts';
import { makeTensor, makeTensorFiller, tensorShape } from '../../models/tensor.ts';
import type { ChipBatch } from '../runtime.ts';

/**
 * The tensor of `chips` chips of a batch from `first` on, in a tensor of `given`. It is valid until the next is made: one
 * array serves all batches, of which a batch that is not full takes the front. What follows its chips in a batch that
 * must be full is of the batch before.
 */
export type MakeInput = (batch: ChipBatch, first: number, chips: number, given: number) => ort.Tensor;

/** For the model as it is: values are scaled here. */
export function scaledInput(model: ModelPackage): MakeInput {
  const fill = makeTensorFiller(model);
  const tensor = makeTensor(model, model.batchSize);
  const perChip = tensor.length / model.batchSize;
  return (batch, first, chips, given) => {
    for (let chip = 0; chip < chips; chip += 1) fill(planesOf(batch, first + chip), tensor, chip);
    return new ort.Tensor(model.tensor.dataType, tensor.subarray(0, given * perChip), tensorShape(model, given));
  };
}

/** For a model with the scaling in its graph: a part's bytes, chip by chip. */
export function bytesInput(model: ModelPackage): MakeInput {
  const { height, width } = model.tensor;
  const bands = model.bands.length;
  const size = height * width;
  const bytes = new Uint8Array(model.batchSize * bands * size);
  return (batch, first, chips, given) => {
    for (let chip = 0; chip < chips; chip += 1)
      for (let band = 0; band < bands; band += 1) {
        const start = (first + chip) * size;
        bytes.set(batch.bands[band]!.values.subarray(start, start + size), (chip * bands + band) * size);
      }
    return new ort.Tensor('uint8', bytes.subarray(0, given * bands * size), [given, bands, height, width]);
  };
}

function planesOf(batch: ChipBatch, chip: number): Plane[] {
  return batch.bands.map(({ values }) => {
    const size = values.length / batch.chips;
    return values.subarray(chip * size, (chip + 1) * size);
  });
}
