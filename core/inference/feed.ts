import { int64sOf, type Plane } from '../arrays/dataTypes.ts';
import { planesOf } from '../package/bands.ts';
import type { ModelInput } from '../package/facts.ts';
import type { ModelPackage } from '../package/package.ts';
import { makeTensor, makeTensorFiller, tensorShape } from '../package/tensor.ts';
import type { PreparedPart } from '../scenes/preparedPart.ts';
import type { Tensor, Tensors } from './runtime.ts';

/** Prepared chips: for each band of the model, the values of chip 0, of chip 1, … */
export type ChipBatch = Pick<PreparedPart, 'chips' | 'bands'>;

/**
 * Makes the input tensors for `chips` chips of a batch from `first` on, padded to the batch that the model takes. They are
 * valid until the next call: each input has one array for all batches, of which a smaller batch uses the front. Padding
 * is zeros, so that the same chips make the same tensors.
 */
export type Feed = (batch: ChipBatch, first: number, chips: number) => Tensors;

/** Makes the feed of a model, whose chips it scales. */
export function makeFeed(model: ModelPackage): Feed {
  const inputs = model.inputs.map((input) => ({ name: input.name, make: tensorMaker(model, input) }));
  return (batch, first, chips) => {
    const planes = Array.from({ length: chips }, (_, chip) => planesOf(batch, first + chip));
    return new Map(inputs.map(({ name, make }) => [name, make(planes, model.tensor.batch ?? chips)]));
  };
}

function tensorMaker(model: ModelPackage, input: ModelInput) {
  const type = input.tensor.dataType;
  const fill = makeTensorFiller(model, input);
  const values = makeTensor(model, model.batchSize, input);
  const perChip = values.length / model.batchSize;
  const int64s = type === 'int64' ? new BigInt64Array(values.length) : undefined;
  return (planes: readonly Plane[][], given: number): Tensor => {
    for (const [chip, ofChip] of planes.entries()) fill(ofChip, values, chip);
    const dims = tensorShape(model, given, input);
    const used = values.subarray(0, given * perChip).fill(0, planes.length * perChip);
    if (int64s === undefined) return { type, dims, data: used };
    int64sOf(used as Float64Array, int64s);
    return { type, dims, data: int64s.subarray(0, used.length) };
  };
}
