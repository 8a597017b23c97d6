import { encode } from 'fast-png';
import { MAX_MASK_PIXELS } from '../limits.ts';
import type { Plane } from '../models/dataTypes.ts';
import type { ModelPackage } from '../models/package.ts';
import { taskOf } from '../tasks/registry.ts';
import { Problem } from './problem.ts';

/** How many pixels of masks an answer has for each chip; 0 of a model whose map is none of classes. */
export function maskPixels(model: ModelPackage): number {
  const [labels] = taskOf(model).pixels?.layers(model) ?? [];
  const { pixels } = model.output;
  return labels?.classes === undefined || pixels === null ? 0 : pixels.height * pixels.width;
}

/** @throws Problem with 413 where so many chips have more pixels than an answer */
export function assertMasksFit(model: ModelPackage, chips: number): void {
  const pixels = maskPixels(model) * chips;
  if (pixels > MAX_MASK_PIXELS)
    throw new Problem(
      413,
      `The masks of ${chips} inputs have ${pixels} pixels, allowed are at most ${MAX_MASK_PIXELS} in one answer. Send fewer inputs, or put the picture into the inbox: its map is a GeoTIFF then.`,
    );
}

/**
 * A chip's classes, pixel by pixel, as base64 of a grey PNG: a pixel is the class's value, or what the map has where there is none.
 * Null where the classes' values are none of a grey PNG's.
 */
export function maskOf(model: ModelPackage, planes: readonly Plane[]): string | null {
  const [labels] = planes;
  const { pixels } = model.output;
  if (pixels === null || !(labels instanceof Uint8Array || labels instanceof Uint16Array)) return null;
  const depth = labels instanceof Uint8Array ? 8 : 16;
  const { width, height } = pixels;
  return Buffer.from(encode({ data: labels, width, height, channels: 1, depth })).toString('base64');
}
