import { int64sOf, type Plane } from '../arrays/dataTypes.ts';
import { mapped } from '../base/mapped.ts';
import { planesOf } from '../package/bands.ts';
import type { Values } from '../package/carry.ts';
import type { ModelInput } from '../package/facts.ts';
import type { Chip, ModelPackage } from '../package/package.ts';
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
  const maker = model.text === undefined ? tensorMaker : tokensMaker;
  const inputs = model.inputs.map((input) => ({ name: input.name, make: maker(model, input) }));
  return (batch, first, chips) => {
    const planes = Array.from({ length: chips }, (_, chip) => planesOf(batch, first + chip));
    const counts = tokenCounts(model, planes);
    const tokens = counts && Math.max(1, ...counts); // as many as the longest chip has: padding costs as much as text
    const used = counts ? planes.map((ofChip) => ofChip.map((plane) => plane.subarray(0, tokens))) : planes;
    return new Map(inputs.map(({ name, make }) => [name, make(used, model.tensor.batch ?? chips)]));
  };
}

/** How many tokens each chip of a model of texts has, by its mask; undefined where nobody can tell, or no batch may be shorter. */
function tokenCounts({ text }: ModelPackage, planes: readonly (readonly Plane[])[]): number[] | undefined {
  const mask = text?.isOpen ? text.fills.indexOf('attention_mask') : -1;
  return mask < 0 ? undefined : planes.map((ofChip) => ofChip[mask]!.lastIndexOf(1) + 1);
}

const byCount = (counts: readonly number[]) => [...counts.keys()].sort((a, b) => counts[a]! - counts[b]!);

/** Sorts chips of texts by their lengths, so that of batches of them little is padding; other chips stay as they are. */
export function shortestFirst(model: ModelPackage, chips: readonly Chip[]): readonly Chip[] {
  const planes = chips.map((chip) => chip.planes);
  const counts = tokenCounts(model, planes);
  return counts ? byCount(counts).map((place) => chips[place]!) : chips;
}

const textsOf = (model: ModelPackage, batch: ChipBatch): Plane[][] =>
  model.text === undefined ? [] : Array.from({ length: batch.chips }, (_, chip) => planesOf(batch, chip));

/** Returns how many tokens the longest chip of a batch has; 1 for chips that all have one size. */
export const longest = (model: ModelPackage, batch: ChipBatch): number =>
  Math.max(1, ...(tokenCounts(model, textsOf(model, batch)) ?? []));

function tokensMaker(_: ModelPackage, { first, tensor }: ModelInput) {
  const type = tensor.dataType;
  return (planes: readonly Plane[][], given: number): Tensor => {
    const tokens = planes[0]![first]!.length;
    const values = new Float64Array(given * tokens);
    for (const [chip, ofChip] of planes.entries()) values.set(ofChip[first]!, chip * tokens);
    const data = type === 'int64' ? new BigInt64Array(values.length) : Int32Array.from(values);
    if (data instanceof BigInt64Array) int64sOf(values, data);
    return { type, dims: [given, tokens], data };
  };
}

function tensorMaker(model: ModelPackage, input: ModelInput) {
  const type = input.tensor.dataType;
  const fill = makeTensorFiller(model, input);
  const values = makeTensor(input, model.batchSize);
  const perChip = values.length / model.batchSize;
  const int64s = type === 'int64' ? new BigInt64Array(values.length) : undefined;
  return (planes: readonly Plane[][], given: number): Tensor => {
    for (const [chip, ofChip] of planes.entries()) fill(ofChip, values, chip);
    const dims = tensorShape(input, given);
    const used = values.subarray(0, given * perChip).fill(0, planes.length * perChip);
    if (int64s === undefined) return { type, dims, data: used };
    int64sOf(used as Float64Array, int64s);
    return { type, dims, data: int64s.subarray(0, used.length) };
  };
}

/**
 * Sorts chips of texts by their lengths, so that those of a batch are about as long and little of it is padding; other chips stay as they are.
 * @returns the chips, and what puts their predictions into the order in which they were given
 */
export function byLength<Part extends ChipBatch>(model: ModelPackage, part: Part) {
  const planes = textsOf(model, part);
  const counts = tokenCounts(model, planes);
  if (counts === undefined) return { sorted: part, restored: (values: Values): Values => values };
  const order = byCount(counts);
  const bands = part.bands.map(({ values, ...band }, i) => {
    const moved = values.slice();
    const size = values.length / part.chips;
    for (const [at, chip] of order.entries()) moved.set(planes[chip]![i]!, at * size);
    return { ...band, values: moved };
  });
  const restored = (values: Values): Values =>
    mapped(values, (of) => {
      const given = Array.from(of);
      for (const [at, chip] of order.entries()) given[chip] = of[at]!;
      return given;
    });
  return { sorted: { ...part, bands }, restored };
}
