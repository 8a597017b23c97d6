import type { RasterSource } from './raster/raster.ts';

/** Returns a range reader over bytes in memory. It returns views, shorter at the end of the bytes. */
export function rangesIn(bytes: Uint8Array) {
  return async (offset: number, length: number): Promise<Uint8Array> => bytes.subarray(offset, offset + length);
}

/** Yields bytes in memory as one chunk of a stream. */
export async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}

/** Returns a reader of a part of a file, as of a file of its own. */
export function rangesWithin(range: RasterSource['range'], start: number, size: number): RasterSource['range'] {
  return async (offset, length) => {
    const bytes = Math.min(length, size - offset);
    return bytes <= 0 ? new Uint8Array() : range(start + offset, bytes);
  };
}
