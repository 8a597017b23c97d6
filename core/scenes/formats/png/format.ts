import { imageFormat, makeOpenImage } from '../../image/imageFormat.ts';
import { isPng } from './chunks.ts';
import { decodePng } from './decode.ts';

export const openPng = makeOpenImage(decodePng);

/** PNG files: one raster per file. docs/formats.md lists what is supported. */
export const png = imageFormat('PNG', isPng, openPng);
