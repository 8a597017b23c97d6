import type { Raster, RasterLimits } from '../core/scenes/raster/raster.ts';
import type { OpenRaster } from '../core/scenes/raster/rasterFormat.ts';

const LIMITS: RasterLimits = { maxBlockBytes: 2 ** 26, cacheBytes: 2 ** 26 };

/** Opens a raster's file in memory, and writes down what is asked of it: offset and length of each request. */
export function openInMemory(
  open: OpenRaster,
  key: string,
  file: Uint8Array,
  limits: Partial<RasterLimits> = {},
  requests: [offset: number, length: number][] = [],
): Promise<Raster> {
  const range = async (offset: number, length: number) => {
    requests.push([offset, length]);
    return file.slice(offset, offset + length);
  };
  return open({ key, size: file.length, range }, { ...LIMITS, ...limits });
}
