import { crc32, inflateSync } from 'node:zlib';
import { type Image, NoImage } from '../../image/image.ts';
import { type DecodeImage, imageFormat } from '../../image/imageFormat.ts';
import { asExifSays } from '../../image/orientation.ts';
import { type PngHeader, readPngHeader } from './header.ts';
import { bytesOfPass, passesOf, putPass, unfilter } from './passes.ts';

/** Deflate packs up to 258 bytes into 2 bits. */
const MOST_PER_BYTE = 1032;
/** Zlib takes no smaller pieces. */
const LEAST_CHUNK_BYTES = 64;

/**
 * Decodes a PNG to the values as stored, like GDAL: 1, 2 and 4 bits are not scaled to 0 to 255, palettes give indices.
 *
 * Node's zlib stops at the size that the header allows; the usual libraries unpack all that a file holds (487 MB).
 */
const decode: DecodeImage = async (file, check) => {
  const { IHDR, PLTE, tRNS, eXIf, IDAT } = chunksOf(file);
  const header = readPngHeader(IHDR);
  const { width, height, bits, samples, isPalette } = header;
  check({ width, height, bytes: width * height * samples * (bits === 16 ? 2 : 1) });
  if (isPalette && PLTE.length === 0) throw new NoImage('is damaged: it has no palette');
  const values = valuesOf(header, IDAT);
  const transparency = transparencyOf(header, values, tRNS[0]);
  const alpha = header.hasAlpha ? samples - 1 : null;
  const photometric = isPalette ? 'palette' : samples > 2 ? 'rgb' : 'minIsBlack';
  const read = { width, height, values, samples, alpha, photometric } as const;
  return asExifSays({ ...read, ...transparency, ...coloursOf(header, PLTE) }, eXIf[0] ?? null);
};

/** Returns the colours with which to show values that are indices of a palette, or that would be scaled to 0 to 255. */
function coloursOf({ bits, samples, isPalette }: PngHeader, [palette]: readonly Uint8Array[]): Pick<Image, 'colours'> {
  if (isPalette) return { colours: palette! };
  if (samples > 1 || bits >= 8) return {};
  const levels = 2 ** bits;
  return { colours: Uint8Array.from({ length: 3 * levels }, (_, i) => (Math.floor(i / 3) * 255) / (levels - 1)) };
}

function valuesOf(header: PngHeader, stored: readonly Uint8Array[]): Image['values'] {
  const { width, height, bits, samples } = header;
  const passes = passesOf(header);
  const wanted = passes.reduce((sum, pass) => sum + bytesOfPass(header, pass), 0);
  const raw = inflated(stored, wanted);
  // 16-bit values are stored most significant byte first.
  const bytes = new Uint8Array(width * height * samples * (bits === 16 ? 2 : 1));
  let at = 0;
  for (const pass of passes) {
    const end = at + bytesOfPass(header, pass);
    const rows = raw.subarray(at, end);
    unfilter(header, pass, rows);
    putPass(header, pass, rows, bytes);
    at = end;
  }
  if (bits < 16) return bytes;
  Buffer.from(bytes.buffer).swap16();
  return new Uint16Array(bytes.buffer);
}

function inflated(stored: readonly Uint8Array[], wanted: number): Uint8Array {
  const packed = Buffer.concat(stored);
  if (wanted > packed.length * MOST_PER_BYTE)
    throw new NoImage(`is damaged: its ${packed.length} bytes of values cannot hold ${wanted}`);
  let raw: Uint8Array;
  try {
    // One piece of the size that is wanted: zlib's own are of 16 KB each, to be put together, which is much for a digit and little for a scene.
    raw = inflateSync(packed, { maxOutputLength: wanted, chunkSize: Math.max(wanted, LEAST_CHUNK_BYTES) });
  } catch (error) {
    if (error instanceof RangeError) throw new NoImage(`is damaged: it holds more than its ${wanted} bytes of values`);
    throw new NoImage(`is damaged: its values do not unpack: ${(error as Error).message}`);
  }
  if (raw.length < wanted) throw new NoImage(`is cut short: found ${raw.length} of its ${wanted} bytes of values`);
  return raw;
}

/** Reads a tRNS chunk: one value for grey, one colour for RGB, or the opacity of each palette entry. */
function transparencyOf(header: PngHeader, values: Image['values'], chunk?: Uint8Array) {
  const { samples, bits, isPalette, hasAlpha } = header;
  const none = { nodata: null, mask: null };
  if (chunk === undefined || hasAlpha) return none;
  if (isPalette)
    return chunk.includes(0) ? { nodata: null, mask: values.map((i) => (chunk[i] === 0 ? 0 : 1)) as Uint8Array } : none;
  if (chunk.length < 2 * samples)
    throw new NoImage(`is damaged: found ${chunk.length} bytes of tRNS, allowed are ${2 * samples}`);
  const view = new DataView(chunk.buffer, chunk.byteOffset);
  const colour = Array.from({ length: samples }, (_, i) => view.getUint16(2 * i) & (2 ** bits - 1));
  if (samples === 1) return { nodata: colour[0]!, mask: null };
  const mask = new Uint8Array(values.length / samples);
  for (let pixel = 0; pixel < mask.length; pixel += 1)
    mask[pixel] = colour.every((value, band) => values[pixel * samples + band] === value) ? 0 : 1;
  return { nodata: null, mask };
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

const isPng = (head: Uint8Array): boolean => SIGNATURE.equals(head.subarray(0, SIGNATURE.length));

/** What is read, https://www.w3.org/TR/png-3/#11Chunks; others are refused if they are critical, else skipped. */
const READ = ['IHDR', 'PLTE', 'tRNS', 'eXIf', 'IDAT'] as const;

type Chunks = { readonly [name in (typeof READ)[number]]: Uint8Array[] };

/** @throws {NoImage} when the file is cut short or damaged */
function chunksOf(file: Uint8Array): Chunks {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const found: Chunks = { IHDR: [], PLTE: [], tRNS: [], eXIf: [], IDAT: [] };
  for (let at = SIGNATURE.length; ; ) {
    if (at + 12 > bytes.length)
      throw new NoImage(`is cut short: it ends at byte ${bytes.length}, without its chunk IEND`);
    const length = bytes.readUInt32BE(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length)
      throw new NoImage(
        `is cut short in its chunk at byte ${at}: it has ${length} bytes, the file ends at byte ${bytes.length}`,
      );
    const name = bytes.toString('latin1', at + 4, at + 8);
    if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end))
      throw new NoImage(`is damaged: the checksum of its chunk at byte ${at} does not match`);
    if (name === 'IEND') return found;
    if (isRead(name)) found[name].push(file.subarray(at + 8, end));
    else if ((bytes[at + 4]! & 0x20) === 0)
      throw new NoImage(`found a chunk at byte ${at} without which it cannot be read, and which is not known`);
    at = end + 4;
  }
}

const isRead = (name: string): name is keyof Chunks => (READ as readonly string[]).includes(name);

export const png = imageFormat('PNG', isPng, decode);
