import type { Scratch } from '../../core/results/maps/cog/cogSpec.ts';

/** A scratch in memory. */
export function makeMemoryScratch(): Scratch {
  const kept = new Map<number, Uint8Array>();
  let size = 0;
  return {
    async append(bytes) {
      const offset = size;
      kept.set(offset, bytes.slice());
      size += bytes.length;
      return offset;
    },
    async read(offset, length) {
      for (const [start, bytes] of kept)
        if (start <= offset && offset + length <= start + bytes.length)
          return bytes.slice(offset - start, offset - start + length);
      throw new RangeError(`nothing was kept at ${offset}`);
    },
  };
}
