import { rasterFormat } from '../../raster/rasterFormat.ts';
import { openGeoTiff } from './geotiff.ts';

/** Either byte order, classic or BigTIFF. */
const STARTS = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'];

const beginsLikeTiff = (head: Uint8Array) => STARTS.includes(String.fromCharCode(...head.subarray(0, 4)));

/** GeoTIFF files, Cloud Optimized ones and BigTIFF among them: a raster each. docs/formats.md says which. */
export const geotiff = rasterFormat('GeoTIFF', (head) => (beginsLikeTiff(head) ? 'yes' : 'no'), openGeoTiff);
