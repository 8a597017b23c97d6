import type { RasterWindow } from '../../arrays/dataTypes.ts';
import type { Size } from '../../arrays/resize.ts';
import { errorNamed } from '../../base/errors.ts';
import { makeRasterValues, type Raster, type RasterValues } from './raster.ts';
import { windowsOf } from './windowsOf.ts';

/** A reduced raster: the values of each band row by row, NaN where there is no data. */
export type Reduced = Size & { readonly planes: readonly Float64Array[] };

export type ReduceOptions = {
  /** The most pixels on the longer side of the result. A smaller raster is not enlarged. */
  readonly longestSide: number;
  /** How a pixel of the result is computed: the mean of its source pixels, or the middle one, where no mean makes sense. */
  readonly by: 'mean' | 'middle';
  /** The most decoded bytes that may be read. */
  readonly mostBytes: number;
};

export class TooMuchToReduce extends errorNamed('TooMuchToReduce') {}

/**
 * Reduces some bands of a raster, starting from its smallest sufficient overview. Each block is read once, and one window
 * of values is in memory at a time.
 * @throws {TooMuchToReduce} before anything is read; also throws what the raster's `read` does
 */
export async function reduceRaster(raster: Raster, bands: readonly number[], options: ReduceOptions): Promise<Reduced> {
  const { longestSide, by, mostBytes } = options;
  const from = (await raster.overview?.(longestSide)) ?? raster;
  const bytes = from.width * from.height * bands.length * makeRasterValues(from.type, 0).BYTES_PER_ELEMENT;
  if (bytes > mostBytes) throw new TooMuchToReduce(`${bytes} bytes of values would have to be read`);
  const share = Math.min(1, longestSide / Math.max(from.width, from.height));
  const reduced = (side: number) => Math.max(1, Math.round(side * share));
  const [width, height] = [reduced(from.width), reduced(from.height)];
  const cells = by === 'mean' ? meansOf(from, { width, height }, bands) : middlesOf(from, { width, height }, bands);
  for (const window of windowsOf(from)) {
    const values = bands.map(() => makeRasterValues(from.type, window.width * window.height));
    const { valid } = await from.read(window, bands, values);
    cells.add(window, values, valid);
  }
  return { width, height, planes: cells.planes() };
}

type Cells = {
  add(window: RasterWindow, values: readonly RasterValues[], valid: Uint8Array | null): void;
  planes(): Float64Array[];
};

function meansOf(from: Size, { width, height }: Size, bands: readonly number[]): Cells {
  const sums = bands.map(() => new Float64Array(width * height));
  const counts = bands.map(() => new Uint32Array(width * height));
  const cellOf = Uint32Array.from({ length: from.width }, (_, x) => Math.floor((x * width) / from.width));
  return {
    add(window, values, valid) {
      for (const [band, plane] of values.entries())
        for (let row = 0, i = 0; row < window.height; row += 1) {
          const start = Math.floor(((window.y + row) * height) / from.height) * width;
          for (let column = 0; column < window.width; column += 1, i += 1) {
            if (valid !== null && valid[i] === 0) continue;
            const value = Number(plane[i]!);
            if (!Number.isFinite(value)) continue;
            const cell = start + cellOf[window.x + column]!;
            sums[band]![cell]! += value;
            counts[band]![cell]! += 1;
          }
        }
    },
    planes: () => sums.map((sum, band) => sum.map((all, cell) => all / counts[band]![cell]!)), // NaN for a cell without values
  };
}

function middlesOf(from: Size, { width, height }: Size, bands: readonly number[]): Cells {
  const planes = bands.map(() => new Float64Array(width * height).fill(Number.NaN));
  return {
    add(window, values, valid) {
      const columns = middlesIn(width, from.width, window.x, window.width);
      for (const [y, row] of middlesIn(height, from.height, window.y, window.height))
        for (const [x, column] of columns) {
          const i = row * window.width + column;
          if (valid !== null && valid[i] === 0) continue;
          for (const [band, plane] of planes.entries()) plane[y * width + x] = Number(values[band]![i]!);
        }
    },
    planes: () => planes,
  };
}

/** Returns the cells along a side whose middle lies in a part of it, each with its place in that part. */
function middlesIn(cells: number, side: number, start: number, length: number): [cell: number, at: number][] {
  const places = Array.from({ length: cells }, (_, cell) => Math.floor(((cell + 0.5) * side) / cells) - start);
  return [...places.entries()].filter(([, at]) => at >= 0 && at < length);
}
