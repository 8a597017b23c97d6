import { imageFormat, makeOpenImage } from '../../image/imageFormat.ts';
import { decodeJpegFile } from './decode.ts';

const isJpeg = (head: Uint8Array) => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff;

export const openJpeg = makeOpenImage(decodeJpegFile);

/** JPEG files: one raster per file. docs/formats.md lists what is supported. */
export const jpeg = imageFormat('JPEG', isJpeg, openJpeg);
