import { type RasterFormat, rasterFormat } from '../raster/rasterFormat.ts';
import { tiffStart } from './geotiff/directories.ts';
import { jpeg } from './jpeg/format.ts';
import { isCodestream, isJp2 } from './jpeg2000/boxes.ts';
import { png } from './png/format.ts';
import { webp } from './webp/format.ts';

/** GeoTIFF, Cloud Optimized GeoTIFF and BigTIFF files: one raster per file. docs/formats.md lists what is read. */
export const geotiff = rasterFormat(
  'GeoTIFF',
  (head) => (tiffStart(head) === undefined ? 'no' : 'yes'),
  async (...file) => (await import('./geotiff/geotiff.ts')).openGeoTiff(...file),
);

const jpeg2000 = rasterFormat(
  'JPEG 2000',
  (head) => (isJp2(head) || isCodestream(head) ? 'yes' : 'no'),
  async (...file) => (await import('./jpeg2000/jpeg2000.ts')).openJpeg2000(...file),
  { isFromFront: true },
);

/** The formats in which each file is one raster. Images in archives may have them, too. */
export const PICTURES: readonly RasterFormat[] = [geotiff, png, jpeg, webp, jpeg2000];
