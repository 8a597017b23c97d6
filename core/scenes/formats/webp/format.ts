import { imageFormat, makeOpenImage } from '../../image/imageFormat.ts';
import { decodeWebp, isWebp } from './decode.ts';

export const openWebp = makeOpenImage(decodeWebp);

/** WebP files: one raster per file. docs/formats.md lists what is supported. */
export const webp = imageFormat('WebP', isWebp, openWebp);
