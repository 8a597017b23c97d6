import type { Plane } from '../../models/dataTypes.ts';
import { type CogSpec, checkCogSpec } from './cogSpec.ts';
import { encodeHead } from './head.ts';
import { type Level, makeLevels } from './levels.ts';
import type { Scratch } from './scratch.ts';
import type { Deflate, TileShape } from './tile.ts';

export type CogWriter = {
  /**
   * Takes the next rows, from the top down, of each band: `rows × width` values, row by row. They may be changed once it
   * resolves; only then may it be called again.
   *
   * @throws RangeError for more or fewer values or rows than there are
   */
  addRows(bands: readonly Plane[], rows: number): Promise<void>;
  /**
   * The file, once all rows are there: its bytes in pieces of 8 MiB at most, which may be asked for more than once, as long
   * as the scratch is there.
   */
  finish(): { readonly size: number; readonly chunks: AsyncIterable<Uint8Array> };
};

export type CogOptions = {
  /** Pixels of a tile's side, a multiple of 16; 512, or 256 for a picture that fits into such a tile. */
  readonly tileSize?: number;
  /** A BigTIFF, also where the file has less than 4 GiB. */
  readonly forceBigTiff?: boolean;
  /** How tiles are packed; in threads of their own, unless somebody's time knows of none. */
  readonly deflate?: Deflate | undefined;
};

const MAX_CHUNK_BYTES = 8 * 1024 ** 2;

/**
 * Writes a Cloud Optimized GeoTIFF as GDAL's COG driver lays it out: tiles deflated, a pixel's bands beside one another,
 * overviews by powers of two until one fits a tile. Of the picture it holds two rows of tiles (2 × tile side × width × bands ×
 * bytes of a value); packed tiles wait in `scratch`. The same rows give the same bytes, however many come at once.
 *
 * Measurements are packed as differences (predictor 2 for whole numbers, 3 for floats). Classes are not, as they do not rise
 * and fall: whole numbers whose overviews are no averages.
 *
 * @throws RangeError for what a TIFF can not hold
 */
export function makeCogWriter(spec: CogSpec, scratch: Scratch, options: CogOptions = {}): CogWriter {
  checkCogSpec(spec);
  const { width, height, dataType, bands, resampling } = spec;
  const { tileSize = Math.max(width, height) <= 256 ? 256 : 512, forceBigTiff = false } = options;
  if (!Number.isInteger(tileSize / 16) || tileSize < 16)
    throw new RangeError(`found tiles of ${tileSize} pixels, allowed are multiples of 16`);
  // Values are compared with it as the file holds it.
  const nodata = spec.nodata !== null && dataType === 'float32' ? Math.fround(spec.nodata) : spec.nodata;
  const predictor = dataType.startsWith('float') ? 3 : resampling === 'average' ? 2 : 1;
  const shape: TileShape = {
    dataType,
    bands: bands.length,
    tileSize,
    fill: nodata ?? 0,
    predictor,
    deflate: options.deflate,
  };
  const { levels, take } = makeLevels({ width, height, shape, resampling, nodata }, scratch);
  let taken = 0;

  async function addRows(planes: readonly Plane[], rows: number): Promise<void> {
    if (planes.length !== bands.length)
      throw new RangeError(`found rows of ${planes.length} bands, allowed are ${bands.length}`);
    const odd = planes.find(({ length }) => length !== rows * width);
    if (odd !== undefined) throw new RangeError(`found ${odd.length} values, allowed are ${rows} rows of ${width}`);
    if (taken + rows > height) throw new RangeError(`found ${taken + rows} rows, allowed are ${height}`);
    taken += rows;
    await take(planes, rows);
  }

  function finish() {
    if (taken < height) throw new RangeError(`found ${taken} rows, allowed are ${height}`);
    const { head, size } = encodeHead(spec, levels, shape, forceBigTiff);
    return { size, chunks: { [Symbol.asyncIterator]: () => chunksOf(head, levels, scratch) } };
  }

  return { addRows, finish };
}

async function* chunksOf(head: Uint8Array, levels: readonly Level[], scratch: Scratch): AsyncGenerator<Uint8Array> {
  yield head;
  for (const { runs } of levels.toReversed())
    for (const { offset, length } of runs)
      for (let start = 0; start < length; start += MAX_CHUNK_BYTES)
        yield await scratch.read(offset + start, Math.min(MAX_CHUNK_BYTES, length - start));
}
