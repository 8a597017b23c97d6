import { InvalidSceneFile } from '../../../errors.ts';
import {
  makeRasterValues,
  type Raster,
  type RasterSource,
  type RasterValues,
  type RasterWindow,
} from '../../raster/raster.ts';
import { bandsInBlock, decodeBlock } from './block.ts';
import { type BlockCache, makeBlockCache } from './blockCache.ts';
import { type Layout, storedRows } from './layout.ts';
import { type Piece, planReads } from './planReads.ts';

export type Picture = {
  readonly image: Layout;
  /** A picture of one band that is 0 where the image has no data. */
  readonly mask: Layout | null;
  readonly alpha: number | null;
  readonly nodata: number | bigint | null;
};

/** Makes what reads windows of a picture, and keeps blocks of `cacheBytes` to be read again. */
export function makeWindowReader(source: RasterSource, picture: Picture, cacheBytes: number): Raster['read'] {
  const { image, mask, alpha } = picture;
  const { nodata } = picture;
  const cache = makeBlockCache(cacheBytes);

  return async (window, bands, into) => {
    checkWindow(source.key, image, window, bands, into);
    const pixels = window.width * window.height;
    const wanted: Wanted[] = bands.map((band, i) => ({ layout: image, band, into: into[i]!, fill: nodata ?? 0 }));
    const masked = mask && { layout: mask, band: 0, into: new Uint8Array(pixels), fill: 0 };
    const opaque =
      mask === null && alpha !== null
        ? { layout: image, band: alpha, into: makeRasterValues(image.type, pixels), fill: nodata ?? 0 }
        : null;
    for (const one of [masked, opaque]) if (one !== null) wanted.push(one);
    await readWanted(source, cache, window, wanted);
    return { valid: validOf(pixels, masked?.into, opaque?.into, masked === null ? nodata : null, into) };
  };
}

/** Values of one band, wherever a window has it. */
type Wanted = {
  readonly layout: Layout;
  readonly band: number;
  readonly into: RasterValues;
  /** What stands for the values of a block that is not stored. */
  readonly fill: number | bigint;
};

type Block = { readonly layout: Layout; readonly block: number };

async function readWanted(
  source: RasterSource,
  cache: BlockCache,
  window: RasterWindow,
  wanted: readonly Wanted[],
): Promise<void> {
  const missing: Piece<Block>[] = [];
  const layouts = [...new Set(wanted.map(({ layout }) => layout))];
  const bytesWanted = bytesOfRows(layouts, wanted, window);
  const isAhead = bytesWanted <= cache.mostBytes;
  for (const layout of layouts) {
    const bands = wanted.filter((one) => one.layout === layout);
    const planes = planesOf(layout, bands);
    const rows = rowsOf(layout, window);
    for (const plane of planes)
      for (let row = rows.first; row <= rows.last; row += 1) {
        const before = missing.length;
        const columns = columnsOf(layout, window);
        for (let column = columns.first; column <= columns.last; column += 1) {
          const block = blockAt(layout, plane, row, column);
          if (isSparse(layout, block)) fillWith(layout, block, window, bands);
          else {
            const values = cache.get(layout, block);
            if (values === undefined) missing.push(pieceOf(layout, block));
            else copyOut(layout, block, values, window, bands);
          }
        }
        if (missing.length === before || !isAhead) continue;
        for (let column = 0; column < layout.across; column += 1) {
          const block = blockAt(layout, plane, row, column);
          const isInWindow = column >= columns.first && column <= columns.last;
          if (!isInWindow && !isSparse(layout, block) && cache.get(layout, block) === undefined)
            missing.push(pieceOf(layout, block));
        }
      }
  }
  if (missing.length === 0) return;
  cache.makeRoom(bytesWanted, (layout, block) => {
    const row = rowOf(layout, block);
    const { first, last } = rowsOf(layout, window);
    return row >= first && row <= last;
  });
  for (const { offset, length, pieces } of planReads(missing)) {
    const bytes = await source.range(offset, length);
    for (const { what, ...piece } of pieces) {
      const { layout, block } = what;
      const start = piece.offset - offset;
      const where = `${layout.where}: block ${block} at byte ${piece.offset}`;
      if (bytes.length < start + piece.length)
        throw new InvalidSceneFile(
          `${where}: is cut short: found ${Math.max(0, bytes.length - start)} of its ${piece.length} bytes`,
        );
      const values = await decodeBlock(layout, block, bytes.subarray(start, start + piece.length));
      if (typeof values === 'string') throw new InvalidSceneFile(`${where}: ${values}`);
      copyOut(layout, block, values, window, wanted);
      cache.set(layout, block, values);
    }
  }
}

function checkWindow(
  key: string,
  { width, height, samples }: Layout,
  window: RasterWindow,
  bands: readonly number[],
  into: readonly RasterValues[],
): void {
  const isWhole = [window.x, window.y, window.width, window.height].every(Number.isInteger);
  const isInside =
    window.x >= 0 && window.y >= 0 && window.x + window.width <= width && window.y + window.height <= height;
  if (!isWhole || !isInside || window.width < 1 || window.height < 1)
    throw new RangeError(`${key}: has no window ${JSON.stringify(window)} in its ${width} × ${height} pixels`);
  if (bands.length !== into.length || into.some(({ length }) => length !== window.width * window.height))
    throw new RangeError(`${key}: a window needs an array of its size for each band`);
  if (bands.some((band) => !Number.isInteger(band) || band < 0 || band >= samples))
    throw new RangeError(`${key}: has bands 0 to ${samples - 1}, asked for are ${bands.join(', ')}`);
}

type Span = { readonly first: number; readonly last: number };

function rowsOf({ blockHeight }: Layout, { y, height }: RasterWindow): Span {
  return { first: Math.floor(y / blockHeight), last: Math.floor((y + height - 1) / blockHeight) };
}

function columnsOf({ blockWidth }: Layout, { x, width }: RasterWindow): Span {
  return { first: Math.floor(x / blockWidth), last: Math.floor((x + width - 1) / blockWidth) };
}

/** Of band-separate blocks, the bands that are wanted, each once and in order; else the one plane that has them all. */
function planesOf({ isBandSeparate }: Layout, wanted: readonly Wanted[]): number[] {
  return isBandSeparate ? [...new Set(wanted.map(({ band }) => band))].sort((a, b) => a - b) : [0];
}

function blockAt({ across, down }: Layout, plane: number, row: number, column: number): number {
  return (plane * down + row) * across + column;
}

function rowOf({ across, down }: Layout, block: number): number {
  return Math.floor(block / across) % down;
}

function isSparse({ offsets, byteCounts }: Layout, block: number): boolean {
  return offsets[block] === 0 || byteCounts[block] === 0;
}

function pieceOf(layout: Layout, block: number): Piece<Block> {
  return { offset: layout.offsets[block]!, length: layout.byteCounts[block]!, what: { layout, block } };
}

/** Bytes of all rows of blocks that the window lies on, decoded. */
function bytesOfRows(layouts: readonly Layout[], wanted: readonly Wanted[], window: RasterWindow): number {
  let bytes = 0;
  for (const layout of layouts) {
    const planes = planesOf(
      layout,
      wanted.filter((one) => one.layout === layout),
    ).length;
    const { first, last } = rowsOf(layout, window);
    const { across, blockWidth, blockHeight } = layout;
    const size = makeRasterValues(layout.type, 0).BYTES_PER_ELEMENT;
    bytes += (last - first + 1) * across * blockWidth * blockHeight * planes * bandsInBlock(layout) * size;
  }
  return bytes;
}

/** Where a block and a window have pixels in common: none, if `width` or `height` is not above 0. */
function overlap(layout: Layout, block: number, window: RasterWindow) {
  const { across, blockWidth, blockHeight } = layout;
  const [left, top] = [(block % across) * blockWidth, rowOf(layout, block) * blockHeight];
  const [x, y] = [Math.max(left, window.x), Math.max(top, window.y)];
  return {
    width: Math.min(left + blockWidth, window.x + window.width) - x,
    height: Math.min(top + storedRows(layout, block), window.y + window.height) - y,
    inBlock: { x: x - left, y: y - top },
    inWindow: { x: x - window.x, y: y - window.y },
  };
}

function isOfBlock(layout: Layout, block: number, wanted: Wanted): boolean {
  if (wanted.layout !== layout) return false;
  return !layout.isBandSeparate || wanted.band === Math.floor(block / (layout.across * layout.down));
}

function copyOut(
  layout: Layout,
  block: number,
  values: RasterValues,
  window: RasterWindow,
  wanted: readonly Wanted[],
): void {
  const { width, height, inBlock, inWindow } = overlap(layout, block, window);
  if (width <= 0 || height <= 0) return;
  const step = bandsInBlock(layout);
  const here = wanted.filter((one) => isOfBlock(layout, block, one));
  for (let row = 0; row < height; row += 1) {
    const from = ((inBlock.y + row) * layout.blockWidth + inBlock.x) * step;
    copyRow(step, values, from, here, (inWindow.y + row) * window.width + inWindow.x, width);
  }
}

/** Copies a row of each band. Places are below 2^31, and `| 0` tells the engine so: it counts faster in whole numbers. */
function copyRow(
  step: number,
  values: RasterValues,
  start: number,
  wanted: readonly Wanted[],
  to: number,
  width: number,
): void {
  const end = (to + width) | 0;
  for (const { band, into } of wanted)
    if (step === 1) (into as Uint8Array).set(values.subarray(start, start + width) as Uint8Array, to);
    else
      for (let i = to | 0, from = (start + band) | 0; i < end; i = (i + 1) | 0, from = (from + step) | 0)
        into[i] = values[from]!;
}

/** A block that is not stored has nodata everywhere, or 0 where there is none. */
function fillWith(layout: Layout, block: number, window: RasterWindow, wanted: readonly Wanted[]): void {
  const { width, height, inWindow } = overlap(layout, block, window);
  for (const one of wanted) {
    if (!isOfBlock(layout, block, one)) continue;
    const { into } = one;
    const fill = into instanceof BigInt64Array || into instanceof BigUint64Array ? BigInt(one.fill) : Number(one.fill);
    for (let row = 0; row < height; row += 1) {
      const start = (inWindow.y + row) * window.width + inWindow.x;
      (into as Uint8Array).fill(fill as number, start, start + width);
    }
  }
}

/** 1 where there is data, null where there is some everywhere: by the mask, or else by the opacity and by nodata. */
function validOf(
  pixels: number,
  mask: Uint8Array | undefined,
  opacity: RasterValues | undefined,
  nodata: number | bigint | null,
  bands: readonly RasterValues[],
): Uint8Array | null {
  if (mask === undefined && opacity === undefined && (nodata === null || bands.length === 0)) return null;
  const valid = new Uint8Array(pixels);
  if (nodata === null || bands.length === 0) valid.fill(1);
  else for (const values of bands) markData(values, nodata, valid);
  for (const seen of [mask, opacity]) if (seen !== undefined) removeWhereZero(seen, valid);
  return valid.includes(0) ? valid : null;
}

function markData(values: RasterValues, nodata: number | bigint, valid: Uint8Array): void {
  if (Number.isNaN(nodata)) {
    for (let i = 0; i < valid.length; i += 1) if (!Number.isNaN(values[i])) valid[i] = 1;
  } else for (let i = 0; i < valid.length; i += 1) if (values[i] !== nodata) valid[i] = 1;
}

function removeWhereZero(values: RasterValues, valid: Uint8Array): void {
  for (let i = 0; i < valid.length; i += 1) if (!(values[i]! > 0)) valid[i] = 0;
}
