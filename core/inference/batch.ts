import { bytesPerValue, makePlane } from '../arrays/dataTypes.ts';
import { makeBandSelector, preparedBands } from '../package/bands.ts';
import type { Chip } from '../package/chip.ts';
import type { ModelPackage } from '../package/package.ts';
import type { ChipBatch } from './feed.ts';

/** Makes batches of a model's chips: their bands selected, resized and computed as in a prepared part. */
export function makeBatches(model: ModelPackage) {
  const select = makeBandSelector(model);
  const prepared = preparedBands(model).map(({ name, dataType, bytesPerChip }) => ({
    name,
    dataType,
    size: bytesPerChip / bytesPerValue(dataType),
  }));

  /** Returns a batch with room for so many chips, in memory of its own. */
  function empty(chips: number): ChipBatch {
    const bands = prepared.map(({ name, dataType, size }) => ({
      name,
      dataType,
      values: makePlane(dataType, chips * size),
    }));
    return { chips, bands };
  }

  function put({ planes }: Pick<Chip, 'planes'>, batch: ChipBatch, at: number): void {
    const places = batch.bands.map(({ values }, band) => {
      const { size } = prepared[band]!;
      return values.subarray(at * size, (at + 1) * size);
    });
    select(planes, places);
  }

  function of(chips: readonly Pick<Chip, 'planes'>[]): ChipBatch {
    const batch = empty(chips.length);
    for (const [at, chip] of chips.entries()) put(chip, batch, at);
    return batch;
  }

  return { empty, put, of };
}
