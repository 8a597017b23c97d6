import { makePlane, type Plane } from '../../arrays/dataTypes.ts';
import type { Size } from '../../arrays/resize.ts';
import type { Layer } from '../../package/layer.ts';
import type { CogWriter } from './cog/cogWriter.ts';
import type { Piece } from './pieces.ts';

/** Rows without pieces are written this many at a time. */
const ROWS_AT_ONCE = 64;

/**
 * Draws pieces in the order of the chips, row by row of the grid; those of a row have one height. Where pieces overlap, they
 * agree. A row of chips is in memory at a time. Areas without a piece hold no data. A writer takes its map's layers in order.
 */
export async function drawMap(
  pieces: AsyncIterable<Piece>,
  { width, height }: Size,
  layers: readonly Layer[],
  writers: ReadonlyMap<Layer['map'], Pick<CogWriter, 'addRows'>>,
): Promise<void> {
  let drawn = 0;
  let row: { y: number; height: number; planes: Plane[] } | undefined;

  async function write(planes: readonly Plane[], rows: number): Promise<void> {
    for (const [map, writer] of writers) {
      const own = planes.filter((_, i) => layers[i]!.map === map);
      await writer.addRows(own, rows);
    }
    drawn += rows;
  }

  async function writeEmpty(until: number): Promise<void> {
    while (drawn < until) {
      const rows = Math.min(ROWS_AT_ONCE, until - drawn);
      await write(emptyRows(layers, width * rows), rows);
    }
  }

  async function flush(): Promise<void> {
    if (row === undefined) return;
    await writeEmpty(row.y);
    const from = drawn - row.y; // rows that the chips above have, too
    await write(
      row.planes.map((plane) => plane.subarray(from * width)),
      row.height - from,
    );
  }

  for await (const { planes, ...window } of pieces) {
    if (window.width === 0 || window.height === 0) continue;
    if (row?.y !== window.y) {
      await flush();
      row = { y: window.y, height: window.height, planes: emptyRows(layers, width * window.height) };
    }
    for (const [i, plane] of planes.entries())
      for (let y = 0; y < window.height; y += 1)
        row.planes[i]!.set(plane.subarray(y * window.width, (y + 1) * window.width), y * width + window.x);
  }
  await flush();
  await writeEmpty(height);
}

const emptyRows = (layers: readonly Layer[], pixels: number): Plane[] =>
  layers.map(({ dataType, nodata }) => makePlane(dataType, pixels).fill(nodata));
