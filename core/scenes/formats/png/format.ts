import { imageFormat, makeOpenImage } from '../../image/imageFormat.ts';
import { isPng } from './chunks.ts';
import { decodePng } from './decode.ts';

export const openPng = makeOpenImage(decodePng);

/** PNG files: a raster each. docs/formats.md says which. */
export const png = imageFormat('PNG', isPng, openPng);
