import { MAX_JPEG_SCANS } from '../../../base/limits.ts';
import { type Image, NoImage } from '../../image/image.ts';
import { type DecodeImage, imageFormat } from '../../image/imageFormat.ts';
import { countScans, segmentsOf } from '../../image/jpegSegments.ts';
import { decodeMozjpeg } from '../../image/mozjpeg.ts';
import { orientationIn, turned } from '../../image/orientation.ts';

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
  const image: Image = {
    width,
    height,
    values,
    samples: components,
    photometric,
    alpha: null,
    nodata: null,
    mask: null,
  };
  return turned(image, orientationIn(exif));
};

const isJpeg = (head: Uint8Array) => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff;

/** JPEG files: one raster per file. docs/formats.md lists what is supported. */
export const jpeg = imageFormat('JPEG', isJpeg, decode);
