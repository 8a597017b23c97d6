import { jpeg } from '../core/scenes/formats/jpeg/format.ts';
import { png } from '../core/scenes/formats/png/format.ts';
import { webp } from '../core/scenes/formats/webp/format.ts';
import { rangesIn } from '../core/scenes/rangesIn.ts';
import type { Raster, RasterLimits } from '../core/scenes/raster/raster.ts';

const LIMITS: RasterLimits = { maxBlockBytes: 2 ** 26, cacheBytes: 2 ** 26 };

/** Opens a PNG, JPEG or WebP in memory, by its name. */
export function openImage(kind: 'PNG' | 'JPEG' | 'WebP', file: Uint8Array, limits = LIMITS): Promise<Raster> {
  const format = { PNG: png, JPEG: jpeg, WebP: webp }[kind];
  return format.openRaster({ key: 'a.png', size: file.length, range: rangesIn(file) }, limits);
}

/** Which of them a file of the vectors is. */
export function kindOf(what: string): 'PNG' | 'JPEG' | 'WebP' {
  if (what.startsWith('JPEG')) return 'JPEG';
  return what.startsWith('PNG') ? 'PNG' : 'WebP';
}
