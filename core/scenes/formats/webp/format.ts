import { NoImage } from '../../image/image.ts';
import { type DecodeImage, imageFormat } from '../../image/imageFormat.ts';
import { asExifSays } from '../../image/orientation.ts';
import { makeWasmDecoder } from '../../image/wasmDecoder.ts';
import { withoutAlpha } from '../../image/withoutAlpha.ts';

function isWebp(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 12)).toString('latin1');
  return text.startsWith('RIFF') && text.endsWith('WEBP');
}

/** The decoder produces four bytes per pixel, whatever the image has. */
const BYTES_PER_PIXEL = 4;

/** Decodes a lossy or lossless WebP of three bands, or four with alpha, with libwebp, which Pillow uses as well. */
const decode: DecodeImage = async (file, check) => {
  const { width, height, hasAlpha, exif } = readWebpHeader(file);
  check({ width, height, bytes: width * height * BYTES_PER_PIXEL });
  const rgba = (await run((decoder) => decoder.decode(file))).result?.data;
  if (rgba === undefined) throw new NoImage('is damaged, or cut short: its WebP does not decode');
  if (rgba.length !== width * height * BYTES_PER_PIXEL)
    throw new NoImage('is damaged: its picture has a different size');
  const values = hasAlpha ? new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.length) : withoutAlpha(rgba, 3);
  const samples = hasAlpha ? 4 : 3;
  const alpha = hasAlpha ? 3 : null;
  const image = { width, height, values, samples, alpha, photometric: 'rgb', nodata: null, mask: null } as const;
  return asExifSays(image, exif);
};

export const webp = imageFormat('WebP', isWebp, decode);

type Decoder = { decode(webp: Uint8Array): { data: Uint8ClampedArray } | null };
const run = makeWasmDecoder<Decoder>(() => import('./webp.wasm.mjs'));

type Picture = { readonly width: number; readonly height: number; readonly hasAlpha: boolean };

/** Bits of a VP8X chunk's flags. */
const [ANIMATION, ALPHA] = [0x02, 0x10];

/**
 * Reads a WebP's header: RFC 9649. The file is RIFF, a sequence of chunks: `VP8 ` is a lossy image, `VP8L` a lossless one,
 * and `VP8X` says which other chunks there are.
 * @throws {NoImage} when the header is damaged
 */
function readWebpHeader(file: Uint8Array): Picture & { exif: Uint8Array | null } {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < 20) throw new NoImage('is cut short in its header');
  const end = 8 + bytes.readUInt32LE(4);
  if (end > bytes.length) throw new NoImage(`is cut short: it has ${bytes.length} of its ${end} bytes`);
  let exif: Uint8Array | null = null;
  let picture: Picture | undefined;
  let extended: Picture | undefined;
  for (let at = 12; at + 8 <= end; ) {
    const name = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, Math.min(end, at + 8 + length));
    if (body.length < length) throw new NoImage(`is cut short in its chunk at byte ${at}`);
    if (name === 'VP8X') extended = readExtended(body);
    if (name === 'EXIF') exif ??= body;
    if (name === 'VP8 ') picture ??= readLossy(body);
    if (name === 'VP8L') picture ??= readLossless(body);
    at += 8 + length + (length % 2);
  }
  if (picture === undefined) throw new NoImage('is damaged: it has no picture');
  if (extended === undefined) return { ...picture, exif };
  if (extended.width !== picture.width || extended.height !== picture.height)
    throw new NoImage(
      `is damaged: it says ${extended.width} × ${extended.height} pixels, its picture has ${picture.width} × ${picture.height}`,
    );
  return { ...extended, exif };
}

function readExtended(body: Buffer): Picture {
  if (body.length < 10) throw new NoImage('is damaged: its VP8X is cut short');
  const flags = body[0]!;
  if ((flags & ANIMATION) !== 0)
    throw new NoImage('found an animation, allowed is one picture. Send one of its pictures by itself.');
  return { width: 1 + body.readUIntLE(4, 3), height: 1 + body.readUIntLE(7, 3), hasAlpha: (flags & ALPHA) !== 0 };
}

/** Reads a key frame: RFC 6386, section 9.1. */
function readLossy(body: Buffer): Picture {
  if (body.length < 10 || body.readUIntBE(3, 3) !== 0x9d012a) throw new NoImage('is damaged: its VP8 has no key frame');
  return { width: body.readUInt16LE(6) & 0x3fff, height: body.readUInt16LE(8) & 0x3fff, hasAlpha: false };
}

function readLossless(body: Buffer): Picture {
  if (body.length < 5 || body[0] !== 0x2f) throw new NoImage('is damaged: its VP8L has no signature');
  const bits = body.readUInt32LE(1);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff), hasAlpha: ((bits >> 28) & 1) === 1 };
}
