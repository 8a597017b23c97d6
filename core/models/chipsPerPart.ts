import { MAX_PART_BYTES } from '../limits.ts';
import { preparedBands } from './bands.ts';
import type { ModelPackage } from './package.ts';

/** Returns how many chips of this model a prepared part may hold, up to `wanted`. */
export function chipsPerPart(model: ModelPackage, wanted: number): number {
  const bytes = preparedBands(model).reduce((sum, { bytesPerChip }) => sum + bytesPerChip, areaPixelsOf(model));
  return Math.max(1, Math.min(wanted, Math.floor(MAX_PART_BYTES / bytes)));
}

/**
 * Returns for how many pixels of a chip a part says whether they hold data: all, for pixel models, else none.
 */
export function areaPixelsOf({ output, tensor }: ModelPackage): number {
  return output.pixels === null ? 0 : tensor.height * tensor.width;
}
