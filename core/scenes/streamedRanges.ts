import type { RasterSource } from './raster/raster.ts';

/** A file that streams once from its first byte to its last, and can also be read by range. */
type Streamed = Pick<RasterSource, 'size' | 'range'> & { readonly chunks: AsyncIterable<Uint8Array> };

/**
 * Reads ranges of a file that has to be streamed anyway, to hash it. Ranges in ascending order are taken from the stream
 * and cost no request; a range that the stream has already passed is requested on its own.
 */
export function streamedRanges({ size, chunks, range }: Streamed) {
  const source = chunks[Symbol.asyncIterator]();
  /** The part of the last chunk that no range has consumed, and where it ends. */
  let rest: Uint8Array = new Uint8Array();
  let end = 0;
  let isOver = false;

  async function readOn(): Promise<void> {
    const { done, value } = await source.next();
    isOver = done === true;
    rest = value ?? new Uint8Array();
    end += rest.length;
  }

  return {
    /** Returns a range of bytes, shorter at the end of the file. */
    async range(offset: number, length: number): Promise<Uint8Array> {
      if (offset < end - rest.length) return range(offset, length);
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let have = 0;
      while (have < bytes.length && !isOver) {
        const from = offset + have - (end - rest.length);
        const part = rest.subarray(from, from + bytes.length - have);
        bytes.set(part, have);
        have += part.length;
        if (have < bytes.length) await readOn();
      }
      rest = rest.subarray(Math.max(0, offset + have - (end - rest.length)));
      return bytes.subarray(0, have);
    },
    /** Streams the file up to a byte; any offset from `size` on means its end. */
    async goTo(offset: number): Promise<void> {
      while (!isOver && (end < offset || offset >= size)) await readOn();
    },
  };
}
