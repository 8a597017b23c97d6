import { openGeoTiff } from '../core/scenes/formats/geotiff/geotiff.ts';
import type { Raster, RasterLimits } from '../core/scenes/raster/raster.ts';

export const LIMITS: RasterLimits = { maxBlockBytes: 2 ** 26, cacheBytes: 2 ** 26 };

/** Opens a TIFF in memory, and writes down what is asked of it: offset and length of each request. */
export function openBytes(
  file: Uint8Array,
  limits: Partial<RasterLimits> = {},
  requests: [offset: number, length: number][] = [],
): Promise<Raster> {
  const range = async (offset: number, length: number) => {
    requests.push([offset, length]);
    return file.slice(offset, offset + length);
  };
  return openGeoTiff({ key: 'a.tif', size: file.length, range }, { ...LIMITS, ...limits });
}
