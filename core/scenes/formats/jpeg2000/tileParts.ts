import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_TILE_PARTS } from '../../../base/limits.ts';
import type { ByteReader } from '../../raster/byteReader.ts';
import { readPieces } from '../../raster/planReads.ts';
import type { RasterSource } from '../../raster/raster.ts';

type Found = { readonly parts: { readonly offset: number; readonly length: number }[]; isWhole: boolean };

const [SOT, EOC] = [0xff90, 0xffd9];
/** A tile-part begins with SOT, of 12 bytes, and is followed at least by SOD. */
const [SOT_BYTES, LEAST_BYTES] = [12, 14];

/** Finds tile-parts (ISO/IEC 15444-1, A.4.2) by their lengths: only the first bytes of unwanted ones are read, once. */
export function makeTileParts(source: RasterSource, read: ByteReader, of: Record<'start' | 'end' | 'tiles', number>) {
  const { key } = source;
  const { start, end, tiles } = of;
  const known = new Map<number, Found>();
  let at = start;
  let count = 0;
  let isOver = false;

  /** Advances to the next tile-part, and reads it if its tile is wanted. */
  async function next(wanted: ReadonlyMap<number, Uint8Array[]>): Promise<void> {
    if (at + 2 > end)
      throw new InvalidSceneFile(`${key}: is cut short: it ends at byte ${at}, without its last marker`);
    const marker = Buffer.from(await read(at, 2, `${key}: a tile`)).readUInt16BE();
    isOver = marker === EOC;
    if (isOver) return;
    const where = `${key}: tile-part ${count} at byte ${at}`;
    if (marker !== SOT) throw new InvalidSceneFile(`${where}: is damaged: it does not begin with its marker`);
    const sot = Buffer.from(await read(at, SOT_BYTES, where));
    const [tile, said, parts] = [sot.readUInt16BE(4), sot.readUInt32BE(6), sot[11]!];
    // The last one may extend to the end; its length is then given as 0.
    const length = said === 0 ? end - 2 - at : said;
    if (tile >= tiles) throw new InvalidSceneFile(`${where}: is of the tile ${tile}, found are ${tiles}`);
    if (length < LEAST_BYTES) throw new InvalidSceneFile(`${where}: is damaged: it has ${length} bytes`);
    if (at + length > end)
      throw new InvalidSceneFile(`${where}: is cut short: it has ${length} bytes, the codestream ends at byte ${end}`);
    count += 1;
    if (count > MAX_TILE_PARTS)
      throw new InvalidSceneFile(`${key}: found more than ${MAX_TILE_PARTS} tile-parts, which is the limit`);
    const found = known.get(tile) ?? { parts: [], isWhole: false };
    known.set(tile, found);
    found.parts.push({ offset: at, length });
    found.isWhole = found.parts.length === parts;
    if (wanted.has(tile)) wanted.get(tile)!.push(new Uint8Array(await read(at, length, where)));
    at += length;
  }

  /** Returns the tile-parts of each requested tile, in order. Throws `InvalidSceneFile`. */
  return async (tiles: readonly number[]): Promise<Map<number, Uint8Array[]>> => {
    const parts = new Map(tiles.map((tile) => [tile, [] as Uint8Array[]]));
    const before = tiles.flatMap((tile) => (known.get(tile)?.parts ?? []).map((part) => ({ ...part, what: tile })));
    for await (const { what, bytes } of readPieces(source, before, (tile) => `${key}: tile ${tile}`))
      parts.get(what)!.push(bytes);
    while (!isOver && tiles.some((tile) => known.get(tile)?.isWhole !== true)) await next(parts);
    for (const [tile, found] of parts)
      if (found.length === 0) throw new InvalidSceneFile(`${key}: is damaged: it has no tile ${tile}`);
    return parts;
  };
}
