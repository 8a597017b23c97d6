import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { bytesPerValue, type DataType, makePlane, type Plane } from '../../../arrays/dataTypes.ts';

/** Compresses to zlib's format, at one of its levels. */
export type Deflate = (bytes: Uint8Array, options: { level: number; chunkSize: number }) => Promise<Uint8Array>;

const deflateInThread: Deflate = promisify(deflate);

/** zlib's levels. By default, classes compress at 40 MB/s; measurements take two to five times as long as at level 4. */
const [LEVEL_OF_CLASSES, LEVEL_OF_MEASUREMENTS] = [6, 4];

export type TileShape = {
  readonly dataType: DataType;
  readonly bands: number;
  readonly tileSize: number;
  /** The value beyond the image's edge. */
  readonly fill: number;
  readonly predictor: 1 | 2 | 3;
  readonly deflate?: Deflate | undefined;
};

/** Consecutive rows of each band, with `width` values per row. */
type Rows = { readonly planes: readonly Plane[]; readonly width: number; readonly rows: number };

/** Compresses the tile that begins at column `x`: pixel-interleaved, and padded to full size at the edge. */
export async function packTile({ planes, width, rows }: Rows, x: number, shape: TileShape): Promise<Uint8Array> {
  const { dataType, bands, tileSize, fill, predictor, deflate = deflateInThread } = shape;
  const tile = makePlane(dataType, tileSize * tileSize * bands);
  const columns = Math.min(tileSize, width - x);
  if (fill !== 0 && (columns < tileSize || rows < tileSize)) tile.fill(fill);
  for (const [band, plane] of planes.entries())
    for (let row = 0; row < rows; row += 1) {
      const from = row * width + x;
      const to = row * tileSize * bands + band;
      if (bands === 1) tile.set(plane.subarray(from, from + columns), to);
      else spread(plane, from, columns, tile, to, bands);
    }
  const bytes = new Uint8Array(tile.buffer);
  if (predictor === 2) takeDifferences(tile, tileSize * bands, bands);
  else if (predictor === 3) splitBytes(bytes, tileSize * bands, bands, bytesPerValue(dataType));
  return deflate(bytes, { level: predictor === 1 ? LEVEL_OF_CLASSES : LEVEL_OF_MEASUREMENTS, chunkSize: CHUNK_BYTES });
}

/** The increment by which zlib's output buffer grows. */
const CHUNK_BYTES = 2 ** 17;

function spread(plane: Plane, from: number, columns: number, tile: Plane, to: number, bands: number): void {
  for (let i = 0; i < columns; i += 1) tile[to + i * bands] = plane[from + i]!;
}

/**
 * Prepares a tile in place for better compression: the inverse of core/scenes/formats/geotiff/block.ts. The stride is the number of
 * bands: a value is compared with the same band's in the pixel before it.
 */

/** Predictor 2: each value becomes the difference from the one before it (TIFF 6.0, section 14). */
function takeDifferences(values: Plane, rowValues: number, stride: number): void {
  for (let row = 0; row < values.length; row += rowValues) takeRow(values, row + stride, row + rowValues, stride);
}

/** A function per row, so that the engine compiles it soon. */
function takeRow(values: Plane, start: number, end: number, stride: number): void {
  for (let i = end - 1; i >= start; i -= 1) values[i] = values[i]! - values[i - stride]!;
}

/** Predictor 3 (Adobe Photoshop TIFF Technical Note 3): a row's bytes by significance, each less the one before it. */
function splitBytes(bytes: Uint8Array, rowValues: number, stride: number, bytesPerValue: number): void {
  const rowBytes = rowValues * bytesPerValue;
  const row = new Uint8Array(rowBytes);
  for (let start = 0; start < bytes.length; start += rowBytes) {
    splitRow(bytes, start, row, rowValues, bytesPerValue);
    for (let i = rowBytes - 1; i >= stride; i -= 1) row[i] = row[i]! - row[i - stride]!;
    bytes.set(row, start);
  }
}

function splitRow(bytes: Uint8Array, start: number, row: Uint8Array, rowValues: number, bytesPerValue: number): void {
  for (let byte = 0; byte < bytesPerValue; byte += 1) {
    let to = (bytesPerValue - 1 - byte) * rowValues;
    for (let i = 0; i < rowValues; i += 1) row[to++] = bytes[start + byte + i * bytesPerValue]!;
  }
}
