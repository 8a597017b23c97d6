import { imageFormat, makeOpenImage } from '../../image/imageFormat.ts';
import { decodeWebp, isWebp } from './decode.ts';

export const openWebp = makeOpenImage(decodeWebp);

/** WebP files: a raster each. docs/formats.md says which. */
export const webp = imageFormat('WebP', isWebp, openWebp);
