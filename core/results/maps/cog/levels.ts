import { makePlane, type Plane } from '../../../arrays/dataTypes.ts';
import { inOrder } from '../../../base/concurrency/inOrder.ts';
import type { OverviewResampling } from '../../../package/layer.ts';
import type { CogSpec, Scratch } from './cogSpec.ts';
import { packTile, type TileShape } from './tile.ts';

export type Level = {
  readonly width: number;
  readonly height: number;
  /** The compressed size of each tile written so far, in row order. */
  readonly byteCounts: number[];
  /** Where its rows of tiles wait, each in the form in which it is in the file. */
  readonly runs: { readonly offset: number; readonly length: number }[];
};

/** Around a tile: its size as a uint32, and its last four bytes again. They let GDAL read it in one request. */
export const [LEADER_BYTES, TRAILER_BYTES] = [4, 4];

/** Tiles that are compressed concurrently: the number of Node's threads for it. */
const AT_ONCE = 4;

type LevelWriter = {
  /** The full resolution first, then its overviews. */
  readonly levels: readonly Level[];
  take(planes: readonly Plane[], rows: number): Promise<void>;
};

type Options = Pick<CogSpec, 'width' | 'height' | 'resampling' | 'nodata'> & { readonly shape: TileShape };

/**
 * Compresses rows into tiles, and computes overviews on the fly, each half as wide and high as the one before, rounded
 * up, until one fits a tile. Each level keeps one row of tiles in memory, so all together take two of the largest rows.
 */
export function makeLevels({ width, height, shape, resampling, nodata }: Options, scratch: Scratch): LevelWriter {
  const { tileSize, dataType, bands } = shape;
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const isLast = Math.max(width, height) <= tileSize;
  const above = isLast ? null : makeLevels({ ...half, shape, resampling, nodata }, scratch);
  const level: Level = { width, height, byteCounts: [], runs: [] };
  const held = Array.from({ length: bands }, () => makePlane(dataType, width * Math.min(tileSize, height)));
  const halved = above && held.map(() => makePlane(dataType, half.width * Math.min(tileSize / 2, half.height)));
  let rowsHeld = 0;
  let rowsTaken = 0;

  async function take(planes: readonly Plane[], rows: number): Promise<void> {
    for (let row = 0; row < rows; ) {
      const count = Math.min(rows - row, tileSize - rowsHeld);
      for (const [band, plane] of planes.entries())
        held[band]!.set(plane.subarray(row * width, (row + count) * width), rowsHeld * width);
      row += count;
      rowsHeld += count;
      rowsTaken += count;
      if (rowsHeld === tileSize || rowsTaken === height) await pass();
    }
  }

  async function pass(): Promise<void> {
    // Meanwhile tiles are compressed on other threads.
    const kept = keep();
    const rows = rowsHeld;
    if (halved !== null)
      for (const [band, plane] of held.entries()) halve(plane, { width, rows }, halved[band]!, resampling, nodata);
    await kept;
    rowsHeld = 0;
    if (above !== null && halved !== null) await above.take(halved, Math.ceil(rows / 2));
  }

  async function keep(): Promise<void> {
    const parts: Uint8Array[] = [];
    const starts = Array.from({ length: Math.ceil(width / tileSize) }, (_, i) => i * tileSize);
    const pack = (x: number) => packTile({ planes: held, width, rows: rowsHeld }, x, shape);
    for await (const tile of inOrder(starts, AT_ONCE, pack)) {
      const leader = Buffer.alloc(LEADER_BYTES);
      leader.writeUInt32LE(tile.length);
      parts.push(leader, tile, tile.subarray(-TRAILER_BYTES));
      level.byteCounts.push(tile.length);
    }
    const run = Buffer.concat(parts);
    level.runs.push({ offset: await scratch.append(run), length: run.length });
  }

  return { levels: [level, ...(above?.levels ?? [])], take };
}

/**
 * Halves width and height of rows of one band, rounding up, from the start of `from` to that of `into`. Four pixels without
 * data give `nodata`.
 *
 * If two values are equally frequent, the mode is the one that reaches that count first, row by row. A mean of integers is
 * rounded to the nearest, halves away from zero. Both are GDAL's rules (overview.cpp).
 */
function halve(
  from: Plane,
  { width, rows }: { width: number; rows: number },
  into: Plane,
  resampling: OverviewResampling,
  nodata: number | null,
): void {
  const isWhole = !(from instanceof Float32Array || from instanceof Float64Array);
  const none = nodata ?? Number.NaN;
  let to = 0;
  for (let row = 0; row < rows; row += 2) {
    const upper = row * width;
    // A last row without a partner is combined in pairs.
    const lower = row + 1 < rows ? upper + width : -1;
    for (let x = 0; x < width; x += 2, to += 1) {
      const hasNext = x + 1 < width;
      const a = from[upper + x]!;
      const b = hasNext ? from[upper + x + 1]! : none;
      const c = lower >= 0 ? from[lower + x]! : none;
      const d = hasNext && lower >= 0 ? from[lower + x + 1]! : none;
      // Most areas of a map are uniform.
      if (a === b && a === c && a === d) into[to] = a;
      else into[to] = resampling === 'mode' ? modeOf(a, b, c, d, none) : meanOf(a, b, c, d, none, isWhole);
    }
  }
}

function modeOf(a: number, b: number, c: number, d: number, none: number): number {
  if (!isNone(a, none) && a === b) return a;
  if (!isNone(c, none) && (c === a || c === b)) return c;
  if (!isNone(d, none) && (d === a || d === b || d === c)) return d;
  return [a, b, c, d].find((value) => !isNone(value, none)) ?? none;
}

function meanOf(a: number, b: number, c: number, d: number, none: number, isWhole: boolean): number {
  let sum = 0;
  let count = 0;
  let first = none;
  for (const value of [a, b, c, d]) {
    if (isNone(value, none)) continue;
    if (count === 0) first = value;
    sum += value;
    count += 1;
  }
  if (count === 0) return none;
  const mean = isWhole ? rounded(sum / count) : sum / count;
  return mean === none ? first : mean; // a mean that happens to equal nodata would make a hole in the data
}

const isNone = (value: number, none: number): boolean => value === none || Number.isNaN(value);

const rounded = (value: number): number => (value < 0 ? -Math.floor(0.5 - value) : Math.floor(value + 0.5));
