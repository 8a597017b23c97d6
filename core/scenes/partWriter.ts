import type { Chip } from '../package/package.ts';
import type { PartBuilder } from './partBuilder.ts';

/**
 * Collects a file's chips into parts. The next part is filled while one is written, and only one is written at a time, so
 * at most two parts of a file are in memory.
 *
 * The caller must call `close`, whether or not it has called `finish`: it waits for a write in progress.
 */
export function makePartWriter(builder: PartBuilder, write: (part: Uint8Array) => Promise<void>) {
  let writing: Promise<void> = Promise.resolve();

  async function writePart(): Promise<void> {
    await writing;
    writing = write(builder.take());
    writing.catch(() => {}); // thrown where it is awaited
  }

  return {
    /** Adds a chip. If that fills its part, returns a promise that resolves when the next chip may be added. */
    add(chip: Chip): Promise<void> | undefined {
      builder.add(chip);
      return builder.isFull() ? writePart() : undefined;
    },
    async finish(): Promise<void> {
      if (builder.chips() > 0) await writePart();
      await writing;
    },
    close: () => writing.catch(() => {}),
  };
}
