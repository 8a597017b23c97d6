import { NoImage } from '../../image/image.ts';
import { type DecodeImage, imageFormat } from '../../image/imageFormat.ts';
import { asExifSays } from '../../image/orientation.ts';
import { makeWasmDecoder } from '../../image/wasmDecoder.ts';
import { withoutAlpha } from '../../image/withoutAlpha.ts';
import { readWebpHeader } from './header.ts';

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
