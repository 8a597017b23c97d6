import type { RasterFormat } from '../raster/rasterFormat.ts';
import { geotiff } from './geotiff/format.ts';
import { jpeg } from './jpeg/format.ts';
import { jpeg2000 } from './jpeg2000/format.ts';
import { png } from './png/format.ts';
import { webp } from './webp/format.ts';

/** The formats in which each file is one raster. Images in archives may have them, too. */
export const PICTURES: readonly RasterFormat[] = [geotiff, png, jpeg, webp, jpeg2000];
