/** A file that comes once from its first byte to its last, and of which other bytes may be asked for. */
type Streamed = {
  readonly size: number;
  readonly chunks: AsyncIterable<Uint8Array>;
  range(offset: number, length: number): Promise<Uint8Array>;
};

/**
 * Reads ranges of a file that streams by anyway, as it has to be hashed. Those that come in ascending order are taken from
 * the stream and cost no request; one that has gone by already is asked for by itself.
 */
export function streamedRanges({ size, chunks, range }: Streamed) {
  const source = chunks[Symbol.asyncIterator]();
  /** What has come last, of which a range has not taken all, and where it ends. */
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
    /** These bytes, fewer where the file ends before. */
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
    /** Lets the file stream by up to a byte; `size` and more stand for its end. */
    async goTo(offset: number): Promise<void> {
      while (!isOver && (end < offset || offset >= size)) await readOn();
    },
  };
}
