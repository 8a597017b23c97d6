import { crc32, deflateSync } from 'node:zlib';
import type { Size } from './resize.ts';

/** Pixels by rows, their channels interleaved. */
export type Picture = {
  data: Uint8Array | Uint16Array;
  width: number;
  height: number;
  /** 1 is grey, 2 grey with alpha, 3 colour, 4 colour with alpha. */
  channels: number;
};

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** By number of channels: https://www.w3.org/TR/png-3/#6Colour-values. */
const COLOUR_TYPES = [undefined, 0, 4, 2, 6];

/** Writes a PNG file of 8 or 16 bits a channel, as its data has. */
export function encodePng({ data, width, height, channels }: Picture): Uint8Array {
  const bytesPerRow = width * channels * data.BYTES_PER_ELEMENT;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const pixels = data.BYTES_PER_ELEMENT === 2 ? Buffer.from(bytes).swap16() : bytes; // PNG is big-endian
  const rows = Buffer.alloc(height * (bytesPerRow + 1)); // each begins with the number of its filter: 0, none
  for (let row = 0; row < height; row += 1)
    pixels.copy(rows, row * (bytesPerRow + 1) + 1, row * bytesPerRow, (row + 1) * bytesPerRow);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8 * data.BYTES_PER_ELEMENT;
  header[9] = COLOUR_TYPES[channels]!;
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat([SIGNATURE, ...chunks]));
}

/** Writes a picture of a colour for each pixel, by rows; those without one are transparent. */
export function encodeColours(
  { width, height }: Size,
  colourOf: (pixel: number) => readonly [red: number, green: number, blue: number] | undefined,
): Uint8Array {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i += 1) {
    const colour = colourOf(i);
    if (colour !== undefined) data.set([...colour, 255], 4 * i);
  }
  return encodePng({ width, height, channels: 4, data });
}

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(4 + named.length + 4);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), 4 + named.length);
  return framed;
}
