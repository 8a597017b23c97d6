import { rasterFormat } from '../../raster/rasterFormat.ts';
import { beginsLikeTiff, openGeoTiff } from './geotiff.ts';

/** GeoTIFF files, Cloud Optimized ones and BigTIFF among them: a raster each. docs/formats.md says which. */
export const geotiff = rasterFormat('GeoTIFF', (head) => (beginsLikeTiff(head) ? 'yes' : 'no'), openGeoTiff);
