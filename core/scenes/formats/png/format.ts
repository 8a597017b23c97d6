import { crc32, inflateSync } from 'node:zlib';
import { attempt, insteadOf } from '../../../base/errors.ts';
import { type Image, NoImage } from '../../image/image.ts';
import { type DecodeImage, imageFormat } from '../../image/imageFormat.ts';
import { asExifSays } from '../../image/orientation.ts';
import specified from './specified.json' with { type: 'json' };

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

/** For each colour type, the number of bands and the bits a value may have: https://www.w3.org/TR/png-3/#3colourType */
const COLOURS: { readonly [type: number]: { samples: number; bits: readonly number[] } } = specified.colours;

type PngHeader = ReturnType<typeof readPngHeader>;

/** @throws {NoImage} when the header is invalid */
function readPngHeader([chunk]: readonly Uint8Array[]) {
  if (chunk?.length !== 13) throw new NoImage('is damaged: it has no chunk IHDR of 13 bytes');
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  const [bits = 0, colour = 0, packing, filter, interlace = 0] = chunk.subarray(8);
  const found = COLOURS[colour];
  if (found?.bits.includes(bits) !== true)
    throw new NoImage(`is damaged: found the colour type ${colour} with ${bits} bits a value, which PNG does not have`);
  if (packing !== 0 || filter !== 0 || interlace > 1)
    throw new NoImage(
      `is damaged: found the compression ${packing}, the filter ${filter} and the interlace ${interlace}, which PNG does not have`,
    );
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    bits,
    samples: found.samples,
    isPalette: colour === 3,
    hasAlpha: colour >= 4,
    isInterlaced: interlace === 1,
  };
}

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
  const what = `it holds more than its ${wanted} bytes of values`;
  const damaged = (error: Error) =>
    new NoImage(`is damaged: ${error instanceof RangeError ? what : `its values do not unpack: ${error.message}`}`);
  // One piece of the size that is wanted: zlib's own are of 16 KB each, to be put together, which is much for a digit and little for a scene.
  const options = { maxOutputLength: wanted, chunkSize: Math.max(wanted, LEAST_CHUNK_BYTES) };
  const raw = attempt(() => inflateSync(packed, options), insteadOf(Error, damaged));
  if (raw.length < wanted) throw new NoImage(`is cut short: found ${raw.length} of its ${wanted} bytes of values`);
  return raw;
}

/** A pass of an interlaced image: its pixels start at one position and are a number of columns and rows apart. */
type Pass = Readonly<Record<'x' | 'y' | 'across' | 'down' | 'width' | 'height', number>>;

/** Adam7: https://www.w3.org/TR/png-3/#8InterlaceMethods */
const ADAM7 = specified.adam7 as [x: number, y: number, across: number, down: number][];

const passesOf = ({ width, height, isInterlaced }: PngHeader): Pass[] =>
  (isInterlaced ? ADAM7 : ([[0, 0, 1, 1]] as const))
    .map(([x, y, across, down]) => {
      const [columns, rows] = [Math.ceil((width - x) / across), Math.ceil((height - y) / down)];
      return { x, y, across, down, width: columns, height: rows };
    })
    .filter((pass) => pass.width > 0 && pass.height > 0);

const rowBytes = ({ samples, bits }: PngHeader, { width }: Pass) => Math.ceil((width * samples * bits) / 8);

/** Returns a pass's bytes; each row is preceded by a byte for its filter. */
const bytesOfPass = (header: PngHeader, pass: Pass): number => pass.height * (1 + rowBytes(header, pass));

/** Reverses the row filters in place: https://www.w3.org/TR/png-3/#9Filter-types. Throws `NoImage`. */
function unfilter(header: PngHeader, pass: Pass, rows: Uint8Array): void {
  const length = rowBytes(header, pass);
  const step = Math.max(1, (header.samples * header.bits) / 8);
  let above: Uint8Array = new Uint8Array(length);
  for (let y = 0; y < pass.height; y += 1) {
    const start = y * (1 + length);
    const row = rows.subarray(start + 1, start + 1 + length);
    const filter = rows[start]!;
    if (filter > 4) throw new NoImage(`is damaged: found the filter ${filter} in row ${y}, allowed are 0 to 4`);
    if (filter === 1) for (let i = step; i < length; i += 1) row[i]! += row[i - step]!;
    if (filter === 2) for (let i = 0; i < length; i += 1) row[i]! += above[i]!;
    if (filter === 3) for (let i = 0; i < length; i += 1) row[i]! += ((i < step ? 0 : row[i - step]!) + above[i]!) >> 1;
    if (filter === 4) paeth(row, above, step);
    above = row;
  }
}

function paeth(row: Uint8Array, above: Uint8Array, step: number): void {
  for (let i = 0; i < row.length; i += 1) {
    const left = i < step ? 0 : row[i - step]!;
    const corner = i < step ? 0 : above[i - step]!;
    const up = above[i]!;
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    row[i]! += toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
  }
}

/** Copies a pass's values to their pixels: one byte each, or two for 16-bit values. */
function putPass(header: PngHeader, pass: Pass, rows: Uint8Array, into: Uint8Array): void {
  const { width, samples, bits } = header;
  const length = rowBytes(header, pass);
  const size = bits === 16 ? 2 * samples : samples;
  const mask = (1 << bits) - 1;
  for (let y = 0; y < pass.height; y += 1) {
    const from = y * (1 + length) + 1;
    const to = ((pass.y + y * pass.down) * width + pass.x) * size;
    if (bits < 8)
      for (let x = 0; x < pass.width; x += 1) {
        const bit = x * bits; // only single bands have so few bits
        into[to + x * pass.across] = (rows[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
      }
    else if (pass.across === 1) into.set(rows.subarray(from, from + length), to);
    else
      for (let x = 0; x < pass.width; x += 1)
        for (let i = 0; i < size; i += 1) into[to + x * pass.across * size + i] = rows[from + x * size + i]!;
  }
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

/** What is read, https://www.w3.org/TR/png-3/#11Chunks; others are refused if they are critical, else skipped. */
type Chunks = Record<'IHDR' | 'PLTE' | 'tRNS' | 'eXIf' | 'IDAT', Uint8Array[]>;

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
    if (Object.hasOwn(found, name)) found[name as keyof Chunks].push(file.subarray(at + 8, end));
    else if ((bytes[at + 4]! & 0x20) === 0)
      throw new NoImage(`found a chunk at byte ${at} without which it cannot be read, and which is not known`);
    at = end + 4;
  }
}

export const png = imageFormat('PNG', (head) => SIGNATURE.equals(head.subarray(0, SIGNATURE.length)), decode);
