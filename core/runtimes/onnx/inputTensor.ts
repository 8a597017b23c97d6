import * as ort from 'onnxruntime-node';
import { type Graph, inputName } from '../../models/check.ts';
import { type DataType, int64sOf, type Plane } from '../../models/dataTypes.ts';
import type { ModelInput, ModelPackage } from '../../models/package.ts';
import { makeTensor, makeTensorFiller, tensorShape } from '../../models/tensor.ts';
import type { ChipBatch } from '../runtime.ts';
import { BYTES } from './scalingInGraph.ts';

/**
 * Makes the input tensors for `chips` chips of a batch from `first` on, padded to `given` chips, by the names of the
 * graph's inputs. They are valid until the next call: each input has one array for all batches, of which a smaller batch
 * uses the front. Padding holds values of the batch before.
 */
export type MakeInput = (batch: ChipBatch, first: number, chips: number, given: number) => Record<string, ort.Tensor>;

/** For a model as it is: values are scaled here. */
export function scaledInput(model: ModelPackage, graph: Pick<Graph, 'inputMetadata'>): MakeInput {
  const inputs = model.inputs.map((input) => ({
    name: inputName(model, input, graph) ?? '',
    make: tensorMaker(model, input),
  }));
  return (batch, first, chips, given) => {
    const planes = Array.from({ length: chips }, (_, chip) => planesOf(batch, first + chip));
    return Object.fromEntries(inputs.map(({ name, make }) => [name, make(planes, given)]));
  };
}

function tensorMaker(model: ModelPackage, input: ModelInput) {
  const { dataType } = input.tensor;
  const fill = makeTensorFiller(model, input);
  const values = makeTensor(model, model.batchSize, input);
  const perChip = values.length / model.batchSize;
  const int64s = dataType === 'int64' ? new BigInt64Array(values.length) : undefined;
  return (planes: readonly Plane[][], given: number): ort.Tensor => {
    for (const [chip, ofChip] of planes.entries()) fill(ofChip, values, chip);
    const shape = tensorShape(model, given, input);
    const used = values.subarray(0, given * perChip);
    if (int64s !== undefined) {
      int64sOf(used as Float64Array, int64s);
      return new ort.Tensor('int64', int64s.subarray(0, used.length), shape);
    }
    return used instanceof Float16Array
      ? float16Tensor(used, shape)
      : new ort.Tensor(dataType as DataType, used, shape);
  };
}

/** onnxruntime's JavaScript requires a Float16Array, whose bytes its native part does not see; this makes them visible. */
function float16Tensor(values: Float16Array, shape: readonly number[]): ort.Tensor {
  const tensor = new ort.Tensor('float16', values as never, shape);
  return Object.defineProperty(tensor, 'data', {
    value: new Uint16Array(values.buffer, values.byteOffset, values.length),
  });
}

/** For a model with the scaling in its graph: takes a part's bytes, chip by chip. */
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
    const tensor = new ort.Tensor('uint8', bytes.subarray(0, given * bands * size), [given, bands, height, width]);
    return { [BYTES]: tensor };
  };
}

function planesOf(batch: ChipBatch, chip: number): Plane[] {
  return batch.bands.map(({ values }) => {
    const size = values.length / batch.chips;
    return values.subarray(chip * size, (chip + 1) * size);
  });
}
