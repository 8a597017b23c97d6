import type { Chip } from '../package/chip.ts';
import type { ModelPackage } from '../package/package.ts';
import { makePartBuilder, type PartBuilder } from './partBuilder.ts';

export type BuilderShelf = ReturnType<typeof makeBuilderShelf>;

/** One file needs two builders: one being filled, one being written. */
const BUILDERS_KEPT = 2;

/** Keeps builders that no file is using. Allocating their arrays is most of the cost of a small file. */
export function makeBuilderShelf() {
  let shelf: PartBuilder[] = [];
  return {
    borrow(model: ModelPackage, capacity: number, hasRoom?: boolean): PartBuilder {
      const found = shelf.find((one) => one.model === model && one.capacity === capacity);
      // Builders that do not fit will hardly be needed again: another model was promoted.
      shelf = found === undefined ? [] : shelf.filter((one) => one !== found);
      return found ?? makePartBuilder(model, capacity, hasRoom);
    },
    giveBack(builder: PartBuilder): void {
      builder.clear();
      shelf = [builder, ...shelf].slice(0, BUILDERS_KEPT);
    },
  };
}

/**
 * Collects a file's chips into parts. The next part is filled while one is written, and only one is written at a time, so
 * at most two parts of a file are in memory. `capacityOf` decides by the first chip how many chips make a part; `write`
 * takes the part's bytes, which are valid until its promise settles. A part for fewer chips than `most` has room for all of the file.
 *
 * The caller must call `close`, whether or not it has called `finish`: it waits for a write in progress.
 */
export function makePartWriter(
  shelf: BuilderShelf,
  model: ModelPackage,
  capacityOf: (first: Chip) => number,
  write: (take: () => Uint8Array) => Promise<void>,
  most = 0,
) {
  let filling: PartBuilder | undefined;
  let written: PartBuilder | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function writePart(full: PartBuilder): Promise<void> {
    await writing;
    if (written !== undefined) shelf.giveBack(written);
    written = full;
    filling = shelf.borrow(model, full.capacity, full.hasRoom);
    writing = write(full.take);
    writing.catch(() => {}); // thrown where it is awaited
  }

  return {
    /** Adds a chip. If that fills its part, returns a promise that resolves when the next chip may be added. */
    add(chip: Chip): Promise<void> | undefined {
      if (filling === undefined) {
        const capacity = capacityOf(chip);
        filling = shelf.borrow(model, capacity, capacity < most);
      }
      filling.add(chip);
      return filling.isFull() ? writePart(filling) : undefined;
    },
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
