import { openJpeg2000 } from '../core/scenes/formats/jpeg2000/jpeg2000.ts';
import type { Raster, RasterLimits } from '../core/scenes/raster/raster.ts';
import { openInMemory } from './openInMemory.ts';

/** Opens a JPEG 2000 file in memory: see `openInMemory`. */
export function openJp2(
  file: Uint8Array,
  limits?: Partial<RasterLimits>,
  requests?: [offset: number, length: number][],
): Promise<Raster> {
  return openInMemory(openJpeg2000, 'a.jp2', file, limits, requests);
}
