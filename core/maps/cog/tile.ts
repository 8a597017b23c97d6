import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { bytesPerValue, type DataType, makePlane, type Plane } from '../../models/dataTypes.ts';
import { splitBytes, takeDifferences } from './predict.ts';

/** zlib's format, at one of its levels. */
export type Deflate = (bytes: Uint8Array, options: { level: number; chunkSize: number }) => Promise<Uint8Array>;

const deflateInThread: Deflate = promisify(deflate);

/**
 * zlib's levels. Classes pack well, and fast: at its default, 40 MB/s. Measurements have noise, over which that takes two to five
 * times as long as a level of 4, for 5 to 20 % fewer bytes.
 */
const [LEVEL_OF_CLASSES, LEVEL_OF_MEASUREMENTS] = [6, 4];

export type TileShape = {
  readonly dataType: DataType;
  readonly bands: number;
  /** Pixels of a side. */
  readonly tileSize: number;
  /** What stands beyond the picture's edge. */
  readonly fill: number;
  readonly predictor: 1 | 2 | 3;
  readonly deflate?: Deflate | undefined;
};

/** A run of rows of each band, `width` values a row. */
type Rows = { readonly planes: readonly Plane[]; readonly width: number; readonly rows: number };

/** A tile from the column `x` on, packed: a pixel's bands beside one another, whole also where it hangs over the edge. */
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
  const layout = { rowValues: tileSize * bands, stride: bands, bytesPerValue: bytesPerValue(dataType) };
  if (predictor === 2) takeDifferences(bytes, layout);
  else if (predictor === 3) splitBytes(bytes, layout);
  return deflate(bytes, { level: predictor === 1 ? LEVEL_OF_CLASSES : LEVEL_OF_MEASUREMENTS, chunkSize: CHUNK_BYTES });
}

/** zlib's output grows by so much. */
const CHUNK_BYTES = 2 ** 17;

function spread(plane: Plane, from: number, columns: number, tile: Plane, to: number, bands: number): void {
  for (let i = 0; i < columns; i += 1) tile[to + i * bands] = plane[from + i]!;
}
