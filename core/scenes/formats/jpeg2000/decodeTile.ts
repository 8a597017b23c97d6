import type openjpeg from '@cornerstonejs/codec-openjpeg/decodewasmjs';
import { makeWasmDecoder } from '../../image/wasmDecoder.ts';
import type { Axis, MainHeader } from './mainHeader.ts';

export type Tile = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** Returns a tile's area on the reference grid, clipped to the image. */
export function tileAt({ x, y }: MainHeader, column: number, row: number): Tile {
  const [left, right] = span(x, column);
  const [top, bottom] = span(y, row);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function span({ from, to, tile, tileFrom }: Axis, index: number): [number, number] {
  const start = tileFrom + index * tile;
  return [Math.max(from, start), Math.min(to, start + tile)];
}

/**
 * Builds a codestream of a single tile: SIZ describes the tile instead of the image. The tile keeps its position on the
 * reference grid, from which wavelets and precincts are counted, and becomes tile 0.
 */
export function codestreamOf({ siz, others }: MainHeader, tile: Tile, parts: readonly Uint8Array[]): Uint8Array {
  const own = Buffer.from(siz);
  const numbers = [tile.x + tile.width, tile.y + tile.height, tile.x, tile.y, tile.width, tile.height, tile.x, tile.y];
  for (const [i, number] of numbers.entries()) own.writeUInt32BE(number, 6 + 4 * i);
  for (let at = 40; at < own.length; at += 3) own[at]! &= 0x7f; // marked as unsigned: see shiftDown
  const first = parts.map((part) => {
    const bytes = Buffer.from(part);
    bytes.writeUInt16BE(0, 4);
    bytes.writeUInt32BE(bytes.length, 6);
    return bytes;
  });
  return Buffer.concat([Buffer.of(0xff, 0x4f), own, ...others, ...first, Buffer.of(0xff, 0xd9)]);
}

const run = makeWasmDecoder<Awaited<ReturnType<typeof openjpeg>>>(() => import('./openjpeg.wasm.mjs'));

/** The decoder outputs one channel or three. */
const CHANNELS = 3;

/**
 * Decodes a codestream of one tile with OpenJPEG, which GDAL uses as well.
 * @returns its values, pixel-interleaved, one byte up to 8 bits, else two; if it is damaged, a sentence without subject
 */
export async function decodeTile(codestream: Uint8Array, tile: Tile, header: Coded): Promise<Uint8Array | string> {
  const found = await decodeBands(codestream, tile, header);
  if (header.isSigned && typeof found !== 'string') shiftDown(found, header.bits);
  return found;
}

/** Shifts values back by half the range. Signed ones are decoded as unsigned: some negatives would become 0. */
function shiftDown(values: Uint8Array, bits: number): void {
  const half = 2 ** (bits - 1);
  const numbers = bits > 8 ? new Uint16Array(values.buffer, values.byteOffset, values.length / 2) : values;
  for (let i = 0; i < numbers.length; i += 1) numbers[i]! -= half;
}

async function decodeBands(codestream: Uint8Array, tile: Tile, coded: Coded): Promise<Uint8Array | string> {
  const { components, bits } = coded;
  if (components === 1 || components === CHANNELS) return decodeChannels(codestream, tile, components, bits);
  const size = bits > 8 ? 2 : 1;
  const values = new Uint8Array(tile.width * tile.height * components * size);
  for (let first = 0; first < components; first += CHANNELS) {
    const bands = [first, first + 1, first + 2].map((band) => Math.min(band, components - 1));
    const found = await decodeChannels(jp2Of(codestream, tile, coded, bands), tile, CHANNELS, 8 * size);
    if (typeof found === 'string') return found;
    for (let pixel = 0; pixel < tile.width * tile.height; pixel += 1)
      for (let i = 0; i < CHANNELS && first + i < components; i += 1)
        for (let byte = 0; byte < size; byte += 1)
          values[(pixel * components + first + i) * size + byte] = found[(pixel * CHANNELS + i) * size + byte]!;
  }
  return values;
}

type Coded = Pick<MainHeader, 'components' | 'bits' | 'isSigned'>;

async function decodeChannels(file: Uint8Array, { width, height }: Tile, channels: number, bits: number) {
  const { result, messages } = await run(({ J2KDecoder }) => {
    const decoder = new J2KDecoder(); // a reused decoder returns its previous output when it finds nothing
    decoder.getEncodedBuffer(file.length).set(file);
    decoder.decode();
    const values = decoder.getDecodedBuffer().slice();
    const frame = decoder.getFrameInfo();
    decoder.delete();
    return { frame, values };
  });
  const said = messages.find((text) => /^\[(ERROR|WARNING)\]/.test(text));
  const complaint = said ?? (result === undefined ? messages.at(-1) : undefined);
  if (result !== undefined && complaint === undefined) {
    const { frame, values } = result;
    const fits = frame.width === width && frame.height === height && frame.componentCount === channels;
    const isAsSaid = frame.bitsPerSample === bits && !frame.isSigned;
    if (fits && isAsSaid && values.length === width * height * channels * (bits > 8 ? 2 : 1)) return values;
  }
  return `is damaged: its JPEG 2000: ${complaint?.slice(0, 200).trim() ?? 'it decodes to another size'}`;
}

/** Wraps it in a JP2 of three of its bands, by an identity palette (ISO/IEC 15444-1, I.5.3.4 and I.5.3.5). */
function jp2Of(codestream: Uint8Array, tile: Tile, coded: Coded, bands: readonly number[]): Uint8Array {
  const bits = coded.bits > 8 ? 16 : 8;
  const ihdr = Buffer.alloc(14);
  ihdr.writeUInt32BE(tile.height, 0);
  ihdr.writeUInt32BE(tile.width, 4);
  ihdr.writeUInt16BE(coded.components, 8);
  ihdr.set([coded.bits - 1, 7], 10);
  const channels = bands.map(() => bits - 1);
  const noColour = new Uint8Array((bands.length * bits) / 8);
  return Buffer.concat([
    box('jP  ', Buffer.of(0x0d, 0x0a, 0x87, 0x0a)),
    box('ftyp', Buffer.from('jp2 \0\0\0\0jp2 ', 'latin1')),
    box(
      'jp2h',
      box('ihdr', ihdr),
      box('colr', Buffer.of(1, 0, 0, 0, 0, 0, 16)),
      box('pclr', Buffer.of(0, 1, bands.length, ...channels), noColour),
      box('cmap', Buffer.from(bands.flatMap((band) => [band >> 8, band & 255, 0, 0]))),
    ),
    box('jp2c', codestream),
  ]);
}

function box(type: string, ...bodies: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + bodies.reduce((sum, { length }) => sum + length, 0));
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...bodies]);
}
