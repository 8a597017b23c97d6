import { rasterFormat } from '../../raster/rasterFormat.ts';
import { tiffStart } from './directories.ts';
import { openGeoTiff } from './geotiff.ts';

/** GeoTIFF files, Cloud Optimized ones and BigTIFF among them: a raster each. docs/formats.md says which. */
export const geotiff = rasterFormat('GeoTIFF', (head) => (tiffStart(head) === undefined ? 'no' : 'yes'), openGeoTiff);
