import { openJpeg2000 } from '../core/scenes/formats/jpeg2000/jpeg2000.ts';
import type { Raster, RasterLimits } from '../core/scenes/raster/raster.ts';

const LIMITS: RasterLimits = { maxBlockBytes: 2 ** 26, cacheBytes: 2 ** 26 };

/** Opens a JPEG 2000 file in memory, and writes down what is asked of it: offset and length of each request. */
export function openJp2(
  file: Uint8Array,
  limits: Partial<RasterLimits> = {},
  requests: [offset: number, length: number][] = [],
): Promise<Raster> {
  const range = async (offset: number, length: number) => {
    requests.push([offset, length]);
    return file.slice(offset, offset + length);
  };
  return openJpeg2000({ key: 'a.jp2', size: file.length, range }, { ...LIMITS, ...limits });
}
