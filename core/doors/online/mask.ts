import type { Plane } from '../../arrays/dataTypes.ts';
import { encodePng } from '../../arrays/encodePng.ts';
import { MAX_MASK_PIXELS } from '../../base/limits.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { Problem } from './http.ts';

/** Returns how many mask pixels an answer has per chip; 0 for a model without a map of classes. */
export function maskPixels(model: ModelPackage): number {
  const [labels] = model.task.layers?.(model) ?? [];
  const { pixels } = model.output;
  return labels?.classes === undefined || pixels === null ? 0 : pixels.height * pixels.width;
}

/** @throws {Problem} with 413 when the chips together have more mask pixels than an answer may */
export function assertMasksFit(model: ModelPackage, chips: number): void {
  const remedy = 'Send fewer inputs, or put the picture into the inbox: its map is a GeoTIFF then.';
  assertPixelsFit(maskPixels(model) * chips, `masks of ${chips} inputs`, remedy);
}

export function assertPixelsFit(pixels: number, what: string, remedy: string): void {
  const allowed = `allowed are at most ${MAX_MASK_PIXELS} in one answer`;
  if (pixels > MAX_MASK_PIXELS) throw new Problem(413, `The ${what} have ${pixels} pixels, ${allowed}. ${remedy}`);
}

/** Base64 of a grey PNG whose pixels are the classes' values or the map's nodata; null if they do not fit one. */
export function maskOf(model: ModelPackage, planes: readonly Plane[], { area }: Pick<Chip, 'area'>): string | null {
  const [labels] = planes;
  const { pixels } = model.output;
  if (pixels === null || !(labels instanceof Uint8Array || labels instanceof Uint16Array)) return null;
  const { width, height } = area ?? pixels; // an image smaller than a chip has a mask of its own size
  return Buffer.from(encodePng({ data: labels, width, height, channels: 1 })).toString('base64');
}
