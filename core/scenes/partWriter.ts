import type { ModelPackage } from '../models/package.ts';
import type { Chip } from './chip.ts';
import { makePartBuilder, type PartBuilder } from './partBuilder.ts';

export type BuilderShelf = ReturnType<typeof makeBuilderShelf>;

/** As many builders as one file needs, one that is filled and one that is written. */
const BUILDERS_KEPT = 2;

/** Builders that no file has at the moment: their arrays are the larger part of what a small file would cost. */
export function makeBuilderShelf() {
  let shelf: PartBuilder[] = [];
  return {
    borrow(model: ModelPackage, capacity: number): PartBuilder {
      const found = shelf.find((one) => one.model === model && one.capacity === capacity);
      // What does not fit will hardly be wanted again: another model was promoted.
      shelf = found === undefined ? [] : shelf.filter((one) => one !== found);
      return found ?? makePartBuilder(model, capacity);
    },
    giveBack(builder: PartBuilder): void {
      builder.clear();
      shelf = [builder, ...shelf].slice(0, BUILDERS_KEPT);
    },
  };
}

/**
 * Collects a file's chips into parts. While a part is written, the next is filled; no two are written at once, so that of
 * a file of any size two are in memory. `capacityOf` says by the first chip how many make a part;
 * `write` takes the part's bytes, which are valid until it is done.
 *
 * Whoever makes one must end it by `close`, after `finish` or without: it waits for what is being written still.
 */
export function makePartWriter(
  shelf: BuilderShelf,
  model: ModelPackage,
  capacityOf: (first: Chip) => number,
  write: (take: () => Uint8Array) => Promise<void>,
) {
  let filling: PartBuilder | undefined;
  let written: PartBuilder | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function writePart(full: PartBuilder): Promise<void> {
    await writing;
    if (written !== undefined) shelf.giveBack(written);
    written = full;
    filling = shelf.borrow(model, full.capacity);
    writing = write(full.take);
    writing.catch(() => {}); // it is thrown where it is waited for
  }

  return {
    /** Adds a chip; where its part is full then, a promise that is done when the next chip may come. */
    add(chip: Chip): Promise<void> | undefined {
      filling ??= shelf.borrow(model, capacityOf(chip));
      filling.add(chip);
      return filling.isFull() ? writePart(filling) : undefined;
    },
    /** Writes what is left, and waits until all is written. */
    async finish(): Promise<void> {
      if (filling !== undefined && filling.chips() > 0) await writePart(filling);
      await writing;
    },
    async close(): Promise<void> {
      await writing.catch(() => {});
      for (const builder of [filling, written]) if (builder !== undefined) shelf.giveBack(builder);
    },
  };
}
