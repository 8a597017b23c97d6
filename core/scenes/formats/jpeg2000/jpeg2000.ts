import { type DataType, planeOver } from '../../../arrays/dataTypes.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_RASTER_BLOCKS, MAX_TILE_PARTS } from '../../../base/limits.ts';
import { type ByteReader, makeByteReader } from '../../raster/byteReader.ts';
import { readPieces } from '../../raster/planReads.ts';
import type { Blocks, Raster, RasterLimits, RasterSource, ReadBlocks } from '../../raster/raster.ts';
import { makeWindowReader } from '../../raster/windows.ts';
import { type Boxes, isCodestream, readBoxes } from './boxes.ts';
import { codestreamOf, decodeTile, tileAt } from './decodeTile.ts';
import { readGeoreference } from './georeference.ts';
import { CONVERT, type MainHeader, notRead, readMainHeader } from './mainHeader.ts';

/** Large enough for several headers. */
const PAGE_BYTES = 64 * 1024;

/** OpenJPEG uses four bytes per value while it decodes a tile. */
const BYTES_PER_VALUE = 4;

/**
 * Opens a JP2 or a JPEG 2000 codestream. Each tile is read and decoded on its own when a window needs it: decoding
 * Sentinel-2's 10,980 × 10,980 pixels at once would take 1.2 GB per band.
 *
 * Reads of the source ascend through the file if its tiles do.
 *
 * @throws {InvalidSceneFile} when the file is damaged, or encoded in an unsupported way
 */
export async function openJpeg2000(source: RasterSource, limits: RasterLimits): Promise<Raster> {
  const { key, size } = source;
  const read = makeByteReader(source, PAGE_BYTES);
  const isBare = isCodestream(await read(0, Math.min(12, size), key));
  const boxes: Boxes = isBare ? { start: 0, end: size, found: [] } : await readBoxes(key, size, read);
  const header = await readMainHeader(key, boxes.start, read);
  const { x, y, components, bits, isSigned } = header;
  const [width, height] = [x.to - x.from, y.to - y.from];
  const [across, down] = [Math.ceil((x.to - x.tileFrom) / x.tile), Math.ceil((y.to - y.tileFrom) / y.tile)];
  const [blockWidth, blockHeight] = [Math.min(x.tile, width), Math.min(y.tile, height)];
  const where = `${key}: its codestream at byte ${boxes.start}`;
  if (across * down > Math.min(MAX_RASTER_BLOCKS, 2 ** 16 - 1))
    throw notRead(where, `found ${across * down} tiles, allowed are at most 65535`);
  const tileBytes = blockWidth * blockHeight * components * BYTES_PER_VALUE;
  const packets = packetsOf(header, blockWidth, blockHeight);
  if (tileBytes > limits.maxBlockBytes || 2 * packets > limits.maxBlockBytes)
    throw notRead(
      where,
      `found tiles of ${blockWidth} × ${blockHeight} pixels, ${components} bands and ${packets} packets, ${tileBytes} bytes each as they are decoded, allowed are at most ${limits.maxBlockBytes}`,
      CONVERT,
    );
  const type: DataType = `${isSigned ? '' : 'u'}int${bits > 8 ? 16 : 8}`;
  const blocks: Blocks = {
    ...{ width, height, samples: components, type, isBandSeparate: false, blockWidth, blockHeight, across, down },
    rowsOf: (block) => tileAt(header, 0, Math.floor(block / across)).height,
    isStored: () => true,
  };
  const partsOf = makeTileParts(source, read, { start: header.end, end: boxes.end, tiles: across * down });
  const readBlocks: ReadBlocks<Blocks> = async (wanted, take) => {
    const parts = await partsOf(wanted.map(({ block }) => block));
    for (const one of wanted) {
      const tile = tileAt(header, one.block % across, Math.floor(one.block / across));
      const decoded = await decodeTile(codestreamOf(header, tile, parts.get(one.block)!), tile, header);
      if (typeof decoded === 'string') throw new InvalidSceneFile(`${key}: tile ${one.block}: ${decoded}`);
      take(one, planeOver(type, inRows(decoded, tile.width, blockWidth, decoded.length / (tile.width * tile.height))));
    }
  };
  const { photometric, alpha } = coloursOf(where, boxes, components);
  return {
    ...{ width, height, type, alpha, photometric, blockWidth, blockHeight },
    bands: Array.from({ length: components }, () => ({ description: null, scale: null, offset: null, nodata: null })),
    ...(await readGeoreference(key, boxes)),
    isSequential: true,
    read: makeWindowReader({ image: blocks, mask: null, alpha, nodata: null }, readBlocks, limits),
  };
}

/** Pads the rows of a tile at the right edge to the length of the others. */
function inRows(bytes: Uint8Array, width: number, blockWidth: number, pixelBytes: number): Uint8Array {
  if (width === blockWidth) return bytes;
  const rows = bytes.length / (width * pixelBytes);
  const wide = new Uint8Array(rows * blockWidth * pixelBytes);
  for (let row = 0; row < rows; row += 1)
    wide.set(bytes.subarray(row * width * pixelBytes, (row + 1) * width * pixelBytes), row * blockWidth * pixelBytes);
  return wide;
}

/**
 * Returns how many packets a tile may have: OpenJPEG keeps two bytes for each, however few there are. A packet is a layer
 * of a precinct of a resolution of a band (ISO/IEC 15444-1, A.6.1 and B.6).
 */
function packetsOf({ others, components }: MainHeader, width: number, height: number): number {
  const cod = others.find((segment) => segment.readUInt16BE() === 0xff52)!;
  const [hasPrecincts, layers, levels] = [(cod[4]! & 1) === 1, cod.readUInt16BE(6), cod[9]!];
  let precincts = 0;
  for (let level = 0; level <= levels; level += 1) {
    const size = hasPrecincts ? (cod[14 + level] ?? 0xff) : 0xff;
    const [across, down] = [2 ** (levels - level + (size & 15)), 2 ** (levels - level + (size >> 4))];
    precincts += (Math.ceil(width / across) + 1) * (Math.ceil(height / down) + 1);
  }
  return precincts * layers * components;
}

/** Reads the boxes colr, pclr and cdef: ISO/IEC 15444-1, I.5.3. */
function coloursOf(where: string, { found }: Boxes, components: number): Pick<Raster, 'photometric' | 'alpha'> {
  const bodyOf = (type: string) => {
    const box = found.find((one) => one.type === type);
    return box && Buffer.from(box.body);
  };
  const colr = bodyOf('colr');
  if (colr !== undefined && colr.length >= 7 && colr[0] === 1 && colr.readUInt32BE(3) === 18)
    throw notRead(where, 'found colours in YCbCr (sYCC), allowed are grey, RGB and palettes');
  const cdef = bodyOf('cdef');
  let alpha: number | null = null;
  for (let at = 2; cdef !== undefined && at + 6 <= cdef.length; at += 6) {
    const [band, kind] = [cdef.readUInt16BE(at), cdef.readUInt16BE(at + 2)];
    if ((kind === 1 || kind === 2) && band < components) alpha ??= band;
  }
  if (bodyOf('pclr') !== undefined) return { photometric: 'palette', alpha: null };
  const colours = components - (alpha === null ? 0 : 1);
  return { photometric: colours === 1 ? 'minIsBlack' : colours === 3 ? 'rgb' : 'other', alpha };
}

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
