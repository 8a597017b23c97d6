import { makePlane, type Plane } from '../../../arrays/dataTypes.ts';
import { inOrder } from '../../../base/concurrency/inOrder.ts';
import type { CogSpec, Scratch } from './cogSpec.ts';
import { halve } from './halve.ts';
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

export type LevelWriter = {
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
