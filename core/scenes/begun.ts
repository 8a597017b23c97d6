import type { RasterSource } from './raster/raster.ts';

/**
 * Takes at least `wanted` bytes from a file's beginning, or all if it is shorter: the first chunk itself if that is enough.
 * @returns them, and all chunks including them; leaving the loop over these early closes the file
 */
export async function begun(file: AsyncIterable<Uint8Array>, wanted: number) {
  const source = file[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array();
  while (start.length < wanted) {
    const { done, value } = await source.next();
    if (done) break;
    start = start.length === 0 && value.length >= wanted ? value : Buffer.concat([start, value]);
  }
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield start;
      for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
    } finally {
      await source.return?.();
    }
  }
  return { start, chunks: chunks() };
}

const PIECE_BYTES = 8 * 1024 ** 2;

export async function* piecesOf({ size, range }: Pick<RasterSource, 'size' | 'range'>, pieceBytes = PIECE_BYTES) {
  for (let at = 0; at < size; at += pieceBytes) yield await range(at, pieceBytes);
}
