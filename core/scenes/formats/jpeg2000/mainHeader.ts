import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_BANDS, MAX_RASTER_PIXELS } from '../../../base/limits.ts';
import type { ByteReader } from '../../raster/byteReader.ts';

/** The image on the reference grid, and the grid of tiles: from, to (exclusive), and a tile's size. */
export type Axis = { readonly from: number; readonly to: number; readonly tile: number; readonly tileFrom: number };

const [SOT, SIZ, COD] = [0xff90, 0xff51, 0xff52];
/** Packet headers of all tiles together, with which no tile can be decoded on its own. */
const PPM = 0xff60;
/** Lengths of other tiles' data, and comments. */
const LEFT_OUT = [0xff55, 0xff57, 0xff64];
const MOST_SEGMENTS = 100_000;

export type MainHeader = Awaited<ReturnType<typeof readMainHeader>>;

/**
 * Reads the main header of a codestream: ISO/IEC 15444-1, annex A. Of the marker segments, it returns those that decoding a tile needs,
 * each with its marker, and as `end` where the first tile-part begins.
 * @throws {InvalidSceneFile} when it is damaged or unsupported
 */
export async function readMainHeader(key: string, start: number, read: ByteReader) {
  const where = `${key}: its codestream at byte ${start}`;
  const soc = Buffer.from(await read(start, 2, where));
  if (soc.readUInt16BE() !== 0xff4f) throw new InvalidSceneFile(`${where}: does not begin as JPEG 2000`);
  let siz: Buffer | undefined;
  const others: Buffer[] = [];
  let at = start + 2;
  for (let count = 0; ; count += 1) {
    const head = Buffer.from(await read(at, 4, where));
    const [marker, length] = [head.readUInt16BE(0), head.readUInt16BE(2)];
    if (marker === SOT) break;
    if (marker < 0xff00 || length < 2 || count > MOST_SEGMENTS)
      throw new InvalidSceneFile(`${where}: is damaged: found no marker at byte ${at}`);
    const segment = Buffer.from(await read(at, 2 + length, where));
    if (marker === PPM)
      throw notRead(where, 'found packet headers for all tiles together (PPM), allowed are those of each');
    if (marker === SIZ) siz ??= Buffer.from(segment);
    else if (!LEFT_OUT.includes(marker)) others.push(Buffer.from(segment));
    at += 2 + length;
  }
  if (siz === undefined || siz.length < 43)
    throw new InvalidSceneFile(`${where}: is damaged: it does not say its size (SIZ)`);
  if (!others.some((segment) => segment.readUInt16BE() === COD && segment.length >= 14))
    throw new InvalidSceneFile(`${where}: is damaged: it does not say how it is coded (COD)`);
  return { ...sizeOf(where, siz), siz, others, end: at };
}

function sizeOf(where: string, siz: Buffer) {
  const [x, y] = [axis(siz, 0), axis(siz, 4)];
  for (const { from, to, tile, tileFrom } of [x, y])
    if (to <= from || tile === 0 || tileFrom > from || tileFrom + tile <= from)
      throw new InvalidSceneFile(`${where}: is damaged: it states an impossible image size`);
  const [width, height] = [x.to - x.from, y.to - y.from];
  if (width * height > MAX_RASTER_PIXELS)
    throw new InvalidSceneFile(
      `${where}: found ${width} × ${height} pixels, allowed are at most ${MAX_RASTER_PIXELS}. Send it in parts, each a window of it: gdal_translate -srcwin 0 0 10000 10000 in.jp2 out.tif`,
    );
  const components = siz.readUInt16BE(38);
  if (components < 1 || siz.length < 40 + 3 * components) throw new InvalidSceneFile(`${where}: is damaged in its SIZ`);
  if (components > MAX_BANDS)
    throw new InvalidSceneFile(`${where}: found ${components} bands, allowed are at most ${MAX_BANDS}`);
  const [depth] = siz.subarray(40);
  for (let i = 0; i < components; i += 1) {
    const [own, across, down] = siz.subarray(40 + 3 * i) as unknown as [number, number, number];
    if (across !== 1 || down !== 1)
      throw notRead(where, `found a band ${i} of fewer pixels than the picture has, allowed are bands of one size`);
    if (own !== depth) throw notRead(where, 'found bands of several types, allowed is one for all');
  }
  const bits = (depth! & 0x7f) + 1;
  if (bits > 16) throw notRead(where, `found values of ${bits} bits, allowed are 1 to 16`, CONVERT);
  const isWhole = (one: Axis) => one.from === one.tileFrom || one.tileFrom + one.tile >= one.to;
  if (!isWhole(x) || !isWhole(y)) throw notRead(where, 'found tiles of which the first is smaller than others');
  return { x, y, components, bits, isSigned: depth! >= 0x80 };
}

function axis(siz: Buffer, offset: number): Axis {
  const number = (at: number) => siz.readUInt32BE(at + offset);
  return { to: number(6), from: number(14), tile: number(22), tileFrom: number(30) };
}

export const notRead = (where: string, what: string, remedy = 'Send it as a GeoTIFF.'): InvalidSceneFile =>
  new InvalidSceneFile(`${where}: ${what}. ${remedy}`);

export const CONVERT = 'Convert it: gdal_translate -co TILED=YES -co COMPRESS=ZSTD in.jp2 out.tif';
