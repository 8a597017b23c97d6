import { inflateSync } from 'node:zlib';
import { attempt, insteadOf } from '../../../base/errors.ts';
import { MAX_JPEG_SCANS } from '../../../base/limits.ts';
import { NoImage } from '../../image/image.ts';
import { type DecodeImage, imageFormat } from '../../image/imageFormat.ts';
import { countScans, type Frame, segmentsOf } from '../../image/jpegSegments.ts';
import { decodeMozjpeg } from '../../image/mozjpeg.ts';
import { asExifSays } from '../../image/orientation.ts';

/** The decoder produces four bytes per pixel, whatever the image has. */
const BYTES_PER_PIXEL = 4;

/** Decodes a grey or colour JPEG and rotates it as its EXIF data say. */
const decode: DecodeImage = async (file, check) => {
  const { frame, exif, scan } = segmentsOf(file);
  if (frame === null || scan === null) throw new NoImage('is cut short: it has no picture in its JPEG');
  const { width, height, components } = frame;
  if (components !== 1 && components !== 3)
    throw new NoImage(
      `found a JPEG of ${components} components${components === 4 ? ' (CMYK)' : ''}, allowed are 1 (grey) and 3 (colours). ${components === 4 ? 'Convert it: gdal_translate in.jpg out.tif' : 'Send it as a GeoTIFF.'}`,
    );
  check({ width, height, bytes: width * height * BYTES_PER_PIXEL });
  if (countScans(scan, MAX_JPEG_SCANS) > MAX_JPEG_SCANS)
    throw new NoImage(`found more than ${MAX_JPEG_SCANS} scans in its JPEG, which is the limit`);
  const values = await decodeMozjpeg(file, frame);
  const photometric = components === 1 ? 'minIsBlack' : 'rgb';
  const mask = maskBehind(file, frame);
  const image = { width, height, values, samples: components, photometric, alpha: null, nodata: null, mask } as const;
  return asExifSays(image, exif);
};

/** Returns the mask that GDAL writes behind a JPEG: deflated bits, lowest first, and the JPEG's length (4 bytes). */
function maskBehind(file: Uint8Array, { width, height }: Frame): Uint8Array | null {
  const end = Buffer.from(file.subarray(-4)).readUInt32LE();
  if (end > file.length - 4 || file[end - 2] !== 0xff || file[end - 1] !== 0xd9) return null;
  const broken = 'is damaged: the mask behind its JPEG does not unpack';
  const bits = attempt(
    () => inflateSync(file.subarray(end, -4), { maxOutputLength: Math.ceil(width / 8) * height }),
    insteadOf(Error, ({ message }) => new NoImage(`${broken}: ${message}`)),
  );
  const needed = Math.ceil((width * height) / 8);
  if (bits.length < needed)
    throw new NoImage(`is damaged: the mask behind its JPEG has ${bits.length} bytes, its picture needs ${needed}`);
  return Uint8Array.from({ length: width * height }, (_, i) => (bits[i >> 3]! >> (i & 7)) & 1);
}

export const jpeg = imageFormat('JPEG', (head) => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff, decode);
