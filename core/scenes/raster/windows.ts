import type { RasterWindow } from '../../arrays/dataTypes.ts';
import { holdsMask } from './holdsMask.ts';
import type { Block, Blocks, CacheLimits, Raster, RasterValues, ReadBlocks } from './raster.ts';
import { bandsInBlock, heldBy, makeRasterValues, rowOf } from './raster.ts';

export type Picture<Of extends Blocks> = {
  readonly image: Of;
  /** A single-band image that is 0 where there is no data. */
  readonly mask: Of | null;
  /** The band that the file calls alpha. It is a mask for windows without it, if its values are a mask's. */
  readonly alpha: number | null;
  readonly nodata: number | bigint | null;
  /** In its place a value for each band: a pixel has no data where all bands hold theirs, whichever are read (GDAL's NODATA_VALUES). */
  readonly together?: readonly (number | bigint)[];
};

/** Makes the function that reads windows of an image. Read them from the top down: `cacheBytes` of decoded blocks are kept. */
export function makeWindowReader<Of extends Blocks>(of: Picture<Of>, readBlocks: ReadBlocks<Of>, limits: CacheLimits) {
  const { image, mask, alpha, nodata, together = [] } = of;
  const cache = makeBlockCache(limits, image);
  let isOpacity: Promise<boolean> | undefined;

  const read: Raster['read'] = async (window, bands, into) => {
    const pixels = window.width * window.height;
    const others = mask === null ? [...together.keys()].filter((band) => !bands.includes(band)) : [];
    const want = (band: number, into = makeRasterValues(image.type, pixels)): Wanted<Of> => {
      return { of: image, band, into, fill: nodata ?? 0 };
    };
    const wanted = bands.concat(others).map((band, i) => want(band, into[i]));
    const valued = mask === null && (together[0] ?? nodata) !== null ? [...wanted] : [];
    const masked = mask && { of: mask, band: 0, into: new Uint8Array(pixels), fill: 0 };
    const opaque = mask === null && alpha !== null && !bands.includes(alpha) ? want(alpha) : null;
    for (const one of [masked, opaque]) if (one !== null) wanted.push(one);
    await readWanted(readBlocks, cache, window, wanted);
    const isTransparent = opaque?.into.some((value: number | bigint) => !(value > 0)) === true;
    if (isTransparent) isOpacity ??= holdsMask({ ...image, read }, alpha!);
    const opacity = isTransparent && (await isOpacity) ? opaque?.into : undefined;
    const seen = masked?.into ?? opacity;
    if (!valued[0] && !seen) return { valid: null };
    const valid = new Uint8Array(pixels);
    if (!valued[0]) valid.fill(1);
    for (const { band, into } of valued) markData(image.type, into, together[band] ?? nodata!, valid);
    for (let i = 0; seen && i < pixels; i += 1) if (!(seen[i]! > 0)) valid[i] = 0;
    return { valid: valid.includes(0) ? valid : null };
  };
  return read;
}

/** Values of one band that a window wants. */
type Wanted<Of extends Blocks = Blocks> = {
  readonly of: Of;
  readonly band: number;
  readonly into: RasterValues;
  /** The value of blocks that are not stored. */
  readonly fill: number | bigint;
};

async function readWanted<Of extends Blocks>(
  readBlocks: ReadBlocks<Of>,
  cache: ReturnType<typeof makeBlockCache>,
  window: RasterWindow,
  wanted: readonly Wanted<Of>[],
): Promise<void> {
  const missing: Block<Of>[] = [];
  const pictures = [...Map.groupBy(wanted, ({ of }) => of)].map(([of, bands]) => {
    return { of, bands, planes: planesOf(of, bands), rows: blocksAt(of.blockHeight, window.y, window.height) };
  });
  const isAhead = pictures.reduce((sum, picture) => sum + bytesOfRows(picture), 0) <= cache.aheadBytes;
  for (const { of, bands, planes, rows } of pictures)
    for (const plane of planes)
      for (let row = rows.first; row <= rows.last; row += 1) {
        const before = missing.length;
        const columns = blocksAt(of.blockWidth, window.x, window.width);
        for (let column = columns.first; column <= columns.last; column += 1) {
          const block = blockAt(of, plane, row, column);
          if (!of.isStored(block)) fillWith(of, block, window, bands);
          else {
            const values = cache.get(of, block);
            if (values === undefined) missing.push({ of, block });
            else copyOut({ of, block }, values, window, bands);
          }
        }
        if (missing.length === before || !isAhead) continue;
        for (let column = 0; column < of.across; column += 1) {
          const block = blockAt(of, plane, row, column);
          const isInWindow = column >= columns.first && column <= columns.last;
          if (!isInWindow && of.isStored(block) && cache.get(of, block) === undefined) missing.push({ of, block });
        }
      }
  if (missing.length === 0) return;
  // Windows come from the top down: no later window reads blocks above this one, and none below has been read.
  cache.keepOnly((of, block) => {
    const row = rowOf(of, block);
    const { first, last } = blocksAt(of.blockHeight, window.y, window.height);
    return row >= first && row <= last;
  });
  await readBlocks(missing, (block, values) => {
    copyOut(block, values, window, wanted);
    cache.set(block.of, block.block, values);
  });
}

type Span = { readonly first: number; readonly last: number };

/** Returns the rows or columns of blocks of a size that a window of a length touches. */
function blocksAt(size: number, start: number, length: number): Span {
  return { first: Math.floor(start / size), last: Math.floor((start + length - 1) / size) };
}

/** Returns the wanted planes: of band-separate blocks each wanted band once, in order; else the one with all bands. */
const planesOf = ({ isBandSeparate }: Blocks, wanted: readonly Wanted[]): number[] =>
  isBandSeparate ? [...new Set(wanted.map(({ band }) => band))].sort((a, b) => a - b) : [0];

const blockAt = ({ across, down }: Blocks, plane: number, row: number, column: number): number =>
  (plane * down + row) * across + column;

function bytesOfRows({ of, planes, rows }: { of: Blocks; planes: readonly number[]; rows: Span }): number {
  const { across, blockWidth, blockHeight } = of;
  const size = makeRasterValues(of.type, 0).BYTES_PER_ELEMENT;
  return (rows.last - rows.first + 1) * across * blockWidth * blockHeight * planes.length * bandsInBlock(of) * size;
}

/** Returns the intersection of a block and a window; empty if `width` or `height` is not above 0. */
function overlap(of: Blocks, block: number, window: RasterWindow) {
  const { across, blockWidth, blockHeight } = of;
  const [left, top] = [(block % across) * blockWidth, rowOf(of, block) * blockHeight];
  const [x, y] = [Math.max(left, window.x), Math.max(top, window.y)];
  return {
    width: Math.min(left + blockWidth, window.x + window.width) - x,
    height: Math.min(top + of.rowsOf(block), window.y + window.height) - y,
    inBlock: { x: x - left, y: y - top },
    inWindow: { x: x - window.x, y: y - window.y },
  };
}

const isOfBlock = ({ of, block }: Block, wanted: Wanted): boolean =>
  wanted.of === of && (!of.isBandSeparate || wanted.band === Math.floor(block / (of.across * of.down)));

function copyOut(which: Block, values: RasterValues, window: RasterWindow, wanted: readonly Wanted[]): void {
  const { of, block } = which;
  const { width, height, inBlock, inWindow } = overlap(of, block, window);
  if (width <= 0 || height <= 0) return;
  const step = bandsInBlock(of);
  const here = wanted.filter((one) => isOfBlock(which, one));
  for (let row = 0; row < height; row += 1) {
    const from = ((inBlock.y + row) * of.blockWidth + inBlock.x) * step;
    copyRow(step, values, from, here, (inWindow.y + row) * window.width + inWindow.x, width);
  }
}

/** Copies a row of each band. Indices are below 2^31; `| 0` tells the engine, which makes their arithmetic faster. */
function copyRow(step: number, values: RasterValues, at: number, here: readonly Wanted[], to: number, width: number) {
  const end = (to + width) | 0;
  for (const { band, into } of here)
    if (step === 1) (into as Uint8Array).set(values.subarray(at, at + width) as Uint8Array, to);
    else
      for (let i = to | 0, from = (at + band) | 0; i < end; i = (i + 1) | 0, from = (from + step) | 0)
        into[i] = values[from]!;
}

/** Fills the area of a block that is not stored with nodata, or 0 if there is no nodata value. */
function fillWith(of: Blocks, block: number, window: RasterWindow, wanted: readonly Wanted[]): void {
  const { width, height, inWindow } = overlap(of, block, window);
  for (const { into, fill } of wanted.filter((one) => isOfBlock({ of, block }, one)))
    for (let row = 0; row < height; row += 1) {
      const start = (inWindow.y + row) * window.width + inWindow.x;
      (into as Uint8Array).fill(heldBy(into, fill), start, start + width);
    }
}

/** Two steps of a 32-bit float, relative to a sum: writers round their nodata value. GDAL's ARE_REAL_EQUAL (gcore/gdal_priv.h). */
const TOLERANCE = 2 * 2 ** -23;

/** Marks what holds data, of values of a type; their array may be of a wider one. */
export function markData(type: Raster['type'], values: RasterValues, nodata: number | bigint, valid: Uint8Array): void {
  const none = Number(nodata);
  if (type.startsWith('float'))
    for (let i = 0; i < valid.length; i += 1) {
      const value = values[i] as number;
      const isNear = Math.abs(value - none) < TOLERANCE * Math.abs(value + none);
      if (value !== none && !isNear && !Object.is(value, none)) valid[i] = 1;
    }
  else for (let i = 0; i < valid.length; i += 1) if (values[i] !== nodata) valid[i] = 1;
}

/** A cache of decoded blocks, of an image and its mask, with a limit in bytes. The least recently used are evicted first. */
function makeBlockCache({ cacheBytes: mostBytes, isPart }: CacheLimits, image: Blocks) {
  const kept = new Map<number, Block & { readonly values: RasterValues }>();
  const keyOf = (of: Blocks, block: number) => (of === image ? block : -1 - block);
  let bytes = 0;

  function drop(key: number): void {
    bytes -= kept.get(key)?.values.byteLength ?? 0;
    kept.delete(key);
  }

  return {
    get(of: Blocks, block: number): RasterValues | undefined {
      const one = kept.get(keyOf(of, block));
      if (kept.delete(keyOf(of, block))) kept.set(keyOf(of, block), one!);
      return one?.values;
    },
    set(of: Blocks, block: number, values: RasterValues): void {
      if (values.byteLength > mostBytes) return;
      drop(keyOf(of, block));
      kept.set(keyOf(of, block), { of, block, values });
      bytes += values.byteLength;
      for (const oldest of kept.keys()) {
        if (bytes <= mostBytes) break;
        drop(oldest);
      }
    },
    aheadBytes: isPart ? 0 : mostBytes,
    /** Drops all other blocks. Age alone would be wrong here: the oldest block may be needed next. */
    keepOnly(isNeeded: (of: Blocks, block: number) => boolean): void {
      for (const [key, { of, block }] of kept) if (!isNeeded(of, block)) drop(key);
    },
  };
}
