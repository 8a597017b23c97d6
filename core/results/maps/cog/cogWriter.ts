import type { CogSpec, Scratch } from './cogSpec.ts';
import { encodeHead } from './head.ts';
import { type Level, makeLevels } from './levels.ts';
import type { Deflate, TileShape } from './tile.ts';

export type CogWriter = ReturnType<typeof makeCogWriter>;

export type CogOptions = {
  /** The side of a tile in pixels, a multiple of 16; by default 512, or 256 if the image fits into such a tile. */
  readonly tileSize?: number;
  readonly forceBigTiff?: boolean;
  readonly deflate?: Deflate | undefined;
};

const MAX_CHUNK_BYTES = 8 * 1024 ** 2;

/**
 * Writes a Cloud Optimized GeoTIFF in the layout of GDAL's COG driver: deflated tiles, pixel-interleaved bands, and
 * overviews by powers of two until one fits a tile. It keeps two rows of tiles in memory (2 × tile side × width × bands
 * × bytes of a value); compressed tiles wait in `scratch`. The same rows give the same bytes, however they are split.
 *
 * Measurements are stored as differences (predictor 2 for integers, 3 for floats). Classes, that is integers whose
 * overviews are not averages, are not, because differences do not help there.
 */
export function makeCogWriter(spec: CogSpec, scratch: Scratch, options: CogOptions = {}) {
  const { width, height, dataType, bands, resampling } = spec;
  const { tileSize = Math.max(width, height) <= 256 ? 256 : 512, forceBigTiff = false, deflate } = options;
  // Rounded to the type in which values are stored and compared.
  const nodata = spec.nodata !== null && dataType === 'float32' ? Math.fround(spec.nodata) : spec.nodata;
  const predictor = dataType.startsWith('float') ? 3 : resampling === 'average' ? 2 : 1;
  const shape: TileShape = { dataType, bands: bands.length, tileSize, fill: nodata ?? 0, predictor, deflate };
  const { levels, take } = makeLevels({ width, height, shape, resampling, nodata }, scratch);

  return {
    /** Takes the next rows of each band, `rows × width` values from the top down; they may be changed once this resolves. */
    addRows: take,
    /** The file, after all rows, in pieces of up to 8 MiB, which can be iterated repeatedly while the scratch exists. */
    finish() {
      const { head, size } = encodeHead(spec, levels, shape, forceBigTiff);
      return { size, chunks: { [Symbol.asyncIterator]: () => chunksOf(head, levels, scratch) } };
    },
  };
}

async function* chunksOf(head: Uint8Array, levels: readonly Level[], scratch: Scratch): AsyncGenerator<Uint8Array> {
  yield head;
  for (const { runs } of levels.toReversed())
    for (const { offset, length } of runs)
      for (let start = 0; start < length; start += MAX_CHUNK_BYTES)
        yield await scratch.read(offset + start, Math.min(MAX_CHUNK_BYTES, length - start));
}
