import { planesOf } from '../package/bands.ts';
import type { Values } from '../package/column.ts';
import type { ModelPackage } from '../package/package.ts';
import { type ChipBatch, tokenCounts } from './feed.ts';

/**
 * Sorts chips of texts by their lengths, so that those of a batch are about as long and little of it is padding; other chips stay as they are.
 * @returns the chips, and what puts their predictions into the order in which they were given
 */
export function byLength<Part extends ChipBatch>(model: ModelPackage, part: Part) {
  const planes = model.text === undefined ? [] : Array.from({ length: part.chips }, (_, chip) => planesOf(part, chip));
  const counts = tokenCounts(model, planes);
  if (counts === undefined) return { sorted: part, restored: (values: Values): Values => values };
  const order = Array.from(counts.keys()).sort((a, b) => counts[a]! - counts[b]!);
  const bands = part.bands.map(({ values, ...band }, i) => {
    const moved = values.slice();
    const size = values.length / part.chips;
    for (const [at, chip] of order.entries()) moved.set(planes[chip]![i]!, at * size);
    return { ...band, values: moved };
  });
  const restored = (values: Values): Values =>
    Object.fromEntries(
      Object.entries(values).map(([name, of]) => {
        const given = Array.from(of);
        for (const [at, chip] of order.entries()) given[chip] = of[at]!;
        return [name, given];
      }),
    );
  return { sorted: { ...part, bands }, restored };
}
