import { emptyBands, makeBandSelector, planesOf } from '../package/bands.ts';
import type { Chip, ModelPackage } from '../package/package.ts';
import type { ChipBatch } from './feed.ts';

/** Makes batches of a model's chips: their bands selected, resized and computed as in a prepared part. */
export function makeBatches(model: ModelPackage) {
  const select = makeBandSelector(model);

  const empty = (chips: number): ChipBatch => ({ chips, bands: emptyBands(model, chips) });

  const put = ({ planes }: Pick<Chip, 'planes'>, batch: ChipBatch, at: number): void =>
    select(planes, planesOf(batch, at));

  function of(chips: readonly Pick<Chip, 'planes'>[]): ChipBatch {
    const batch = empty(chips.length);
    for (const [at, chip] of chips.entries()) put(chip, batch, at);
    return batch;
  }

  return { empty, put, of };
}
