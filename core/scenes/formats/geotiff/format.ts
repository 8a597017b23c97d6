import { rasterFormat } from '../../raster/rasterFormat.ts';
import { tiffStart } from './directories.ts';

/** GeoTIFF, Cloud Optimized GeoTIFF and BigTIFF files: one raster per file. docs/formats.md lists what is read. */
export const geotiff = rasterFormat(
  'GeoTIFF',
  (head) => (tiffStart(head) === undefined ? 'no' : 'yes'),
  async (...file) => (await import('./geotiff.ts')).openGeoTiff(...file),
);
