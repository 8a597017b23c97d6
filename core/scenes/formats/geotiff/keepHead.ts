import type { RasterSource } from '../../raster/raster.ts';

/** Most COGs' directories are no longer than this. */
const HEAD_BYTES = 32 * 1024;

/**
 * Reads a file's start once and caches it: directories and the first blocks are there, so the remaining reads ascend
 * through the file.
 */
export async function keepHead({ key, size, range }: RasterSource): Promise<RasterSource> {
  const head = await range(0, Math.min(HEAD_BYTES, size));
  return {
    key,
    size,
    async range(offset, length) {
      if (offset >= head.length) return range(offset, length);
      if (offset + length <= head.length) return head.subarray(offset, offset + length);
      const rest = await range(head.length, offset + length - head.length);
      return new Uint8Array(Buffer.concat([head.subarray(offset), rest]));
    },
  };
}
