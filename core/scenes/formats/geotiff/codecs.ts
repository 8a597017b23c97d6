import { constants, inflateSync, zstdDecompressSync } from 'node:zlib';
import { attempt, InvalidSceneFile, insteadOf } from '../../../base/errors.ts';
import { NoImage } from '../../image/image.ts';
import type { RasterType } from '../../raster/raster.ts';
import { isOldLzw, unpackLzw } from './lzw.ts';
import notRead from './notRead.json' with { type: 'json' };

/** A supported compression. JPEG and LERC decode to values rather than bytes: see jpeg.ts and lerc.ts. */
export type Codec = {
  readonly name: 'none' | 'LZW' | 'deflate' | 'Zstd' | 'PackBits' | 'JPEG' | 'LERC';
  readonly hasPredictor: boolean;
  /** The most bytes of values that one stored byte can unpack to. */
  readonly mostPerByte: number;
};

/**
 * Codecs by their Compression number. Deflate packs up to 258 bytes into 2 bits, LZW a text of 3,838 bytes into 12 bits,
 * Zstd a block of 128 KiB into 4 bytes, PackBits 128 bytes into 2; LERC stores a constant block of any size in its head.
 */
const CODECS: { readonly [compression: number]: Codec } = {
  1: { name: 'none', hasPredictor: false, mostPerByte: 1 },
  5: { name: 'LZW', hasPredictor: true, mostPerByte: 2560 },
  7: { name: 'JPEG', hasPredictor: false, mostPerByte: 1024 },
  8: { name: 'deflate', hasPredictor: true, mostPerByte: 1032 },
  32773: { name: 'PackBits', hasPredictor: false, mostPerByte: 64 },
  32946: { name: 'deflate', hasPredictor: true, mostPerByte: 1032 },
  34887: { name: 'LERC', hasPredictor: false, mostPerByte: Number.POSITIVE_INFINITY },
  50000: { name: 'Zstd', hasPredictor: true, mostPerByte: 32768 },
};

type Names = { readonly [compression: number]: string };

/** Compressions that GDAL reads, as distributions have it. */
const CONVERTED: Names = { 2: 'CCITT RLE', 3: 'CCITT fax 3', 4: 'CCITT fax 4', 34925: 'LZMA', 50001: 'WebP' };

const NOT_READ: Names = notRead;

/** @throws {InvalidSceneFile} for an unsupported compression */
export function codecOf(where: string, compression: number): Codec {
  const codec = CODECS[compression];
  if (codec !== undefined) return codec;
  const name = CONVERTED[compression] ?? NOT_READ[compression] ?? 'unknown';
  const remedy =
    compression in CONVERTED
      ? 'Convert it: gdal_translate -co COMPRESS=ZSTD in.tif out.tif'
      : 'Write it anew with one of these.';
  throw new InvalidSceneFile(
    `${where}: found compression ${compression} (${name}), allowed are none, deflate, Zstd, LZW, PackBits, JPEG and LERC. ${remedy}`,
  );
}

/**
 * Unpacks a block whose values take `wanted` bytes. If it holds up to `most` bytes, as the last strip of some writers does,
 * the excess is dropped. If it holds more, it is damaged, and no further memory is allocated.
 * @returns newly allocated bytes
 * @throws {NoImage} when the block cannot be unpacked
 */
export function unpack(name: Packing, stored: Uint8Array, wanted: number, most: number): Uint8Array {
  const bytes = unpackers[name](stored, wanted, most);
  if (bytes.length < wanted) throw new NoImage(`is cut short: found ${bytes.length} of its ${wanted} bytes of values`);
  return bytes.subarray(0, wanted);
}

/** Unpacks all bytes, at most `most` of them, as `unpack` does. */
export const unpackAll = (name: (typeof LERC_PACKINGS)[number], stored: Uint8Array, most: number): Uint8Array =>
  name === 'none' ? stored : unpackers[name](stored, most, most);

/** How LERC blobs are packed once more, by their number in the tag LercParameters. */
export const LERC_PACKINGS = ['none', 'deflate', 'Zstd'] as const;

/** Types of values by their number in a LERC blob. */
export const LERC_TYPES = 'int8 uint8 int16 uint16 int32 uint32 float32 float64'.split(' ') as readonly RasterType[];

type Packing = Exclude<Codec['name'], 'JPEG' | 'LERC'>;
type Unpack = (stored: Uint8Array, wanted: number, most: number) => Uint8Array;

const unpackers: { readonly [name in Packing]: Unpack } = {
  none: (stored, wanted) => new Uint8Array(stored.subarray(0, wanted)),
  LZW(stored, wanted) {
    if (isOldLzw(stored))
      throw new NoImage('found old-style LZW. Convert it: gdal_translate -co COMPRESS=LZW in.tif out.tif');
    return unpackLzw(stored, wanted);
  },
  PackBits(stored, wanted) {
    const into = new Uint8Array(wanted);
    return into.subarray(0, unpackPackBits(stored, into));
  },
  deflate: zlib('deflate', (stored, most) => inflateSync(stored, { maxOutputLength: most, chunkSize: chunkFor(most) })),
  Zstd: zlib('Zstd', (stored, most) =>
    zstdDecompressSync(stored, {
      maxOutputLength: most,
      chunkSize: chunkFor(most),
      params: { [constants.ZSTD_d_windowLogMax]: MOST_WINDOW_LOG },
    }),
  ),
};

/** The window of Zstd's highest level, 128 MiB. */
const MOST_WINDOW_LOG = 27;

/** The output chunk size: one chunk for all output plus one excess byte; several chunks for large blocks. */
const chunkFor = (most: number) => Math.max(64, Math.min(most + 1, 4 * 1024 ** 2));

function zlib(name: string, inflate: (stored: Uint8Array, most: number) => Buffer): Unpack {
  return (stored, _, most) => {
    const more = `its ${name} holds more than its ${most} bytes of values`;
    const damaged = (error: Error) =>
      new NoImage(`is damaged: ${error instanceof RangeError ? more : `${name}: ${error.message}`}`);
    const { buffer, byteOffset, byteLength } = attempt(() => inflate(stored, most), insteadOf(Error, damaged));
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
}

/** Unpacks PackBits (TIFF 6.0, section 9) into at most `into.length` bytes; returns how many. */
function unpackPackBits(from: Uint8Array, into: Uint8Array): number {
  let at = 0;
  for (let read = 0; read < from.length && at < into.length; ) {
    const count = from[read++]!;
    if (count < 128) {
      const bytes = from.subarray(read, read + Math.min(count + 1, into.length - at));
      into.set(bytes, at);
      at += bytes.length;
      read += count + 1;
    } else if (count > 128) {
      if (read === from.length) return at;
      const stop = Math.min(into.length, at + 257 - count);
      into.fill(from[read++]!, at, stop);
      at = stop;
    }
  }
  return at;
}
