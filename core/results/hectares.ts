import { isMasked } from '../measures/blanks/mask.ts';
import { MASKED } from '../package/carry.ts';
import type { Values } from '../package/column.ts';
import type { ModelPackage } from '../package/package.ts';
import type { PreparedPart, Windows } from '../scenes/preparedPart.ts';
import { FOOTPRINT_NUMBERS } from '../scenes/raster/footprint.ts';
import { hectaresWithin } from '../scenes/raster/hectaresWithin.ts';

export const HECTARES = { name: 'hectares', type: 'DOUBLE', isDistinct: true, isOptional: true } as const;

/**
 * Returns the land that each chip counts for, so that sums count no land twice: of numbers per pixel, that of its pixels in the map of its scene; of
 * others, what no chip to its left or above it has. Null if it is not known where it lies, or if clouds hide it.
 */
export function hectaresOf(
  { window, chips, carried = [] }: Pick<PreparedPart, 'window' | 'chips' | 'carried'>,
  { pixels }: Values,
  model: ModelPackage,
): (number | null)[] {
  const masked = carried.find(({ name }) => name === MASKED.name)?.values;
  return Array.from({ length: chips }, (_, chip) => {
    if (!window?.width[chip] || isMasked(masked?.[chip], model.mask)) return null;
    const corners = window.footprint.subarray(chip * FOOTPRINT_NUMBERS, (chip + 1) * FOOTPRINT_NUMBERS);
    if (Number.isNaN(corners[0])) return null;
    return hectaresWithin(corners) * (pixels === undefined ? ownShare(window, chip, model) : pixelShare(window, chip));
  });

  function pixelShare({ width, height }: Windows, chip: number): number {
    const { upscaling = 1 } = model.output.pixels ?? {};
    return Number(pixels![chip]) / (width[chip]! * height[chip]! * upscaling ** 2);
  }
}

function ownShare({ x, y, width, height }: Windows, chip: number, { source, overlap }: ModelPackage): number {
  const across = ownPixels(x[chip]!, width[chip]!, source.width - overlap) / width[chip]!;
  return (across * ownPixels(y[chip]!, height[chip]!, source.height - overlap)) / height[chip]!;
}

/** Returns how many of a chip's pixels in a row or column the chip before, which starts at a multiple of `step`, does not have. */
const ownPixels = (start: number, size: number, step: number): number =>
  start === 0 ? size : start - step * (Math.ceil(start / step) - 1);
