import { rasterFormat } from '../../raster/rasterFormat.ts';
import { tiffStart } from './directories.ts';

/**
 * GeoTIFF files, including Cloud Optimized ones and BigTIFF: one raster per file. docs/formats.md lists what is supported.
 */
export const geotiff = rasterFormat(
  'GeoTIFF',
  (head) => (tiffStart(head) === undefined ? 'no' : 'yes'),
  async (...file) => (await import('./geotiff.ts')).openGeoTiff(...file),
);
