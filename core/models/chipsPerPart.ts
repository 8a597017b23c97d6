import { MAX_PART_BYTES } from '../limits.ts';
import { preparedBands } from './bands.ts';
import type { ModelPackage } from './package.ts';

/** How many chips of this model a prepared part may hold, where `wanted` is the most. */
export function chipsPerPart(model: ModelPackage, wanted: number): number {
  const bytes = preparedBands(model).reduce((sum, { bytesPerChip }) => sum + bytesPerChip, areaPixelsOf(model));
  return Math.max(1, Math.min(wanted, Math.floor(MAX_PART_BYTES / bytes)));
}

/** Pixels of a chip of which a part says whether they hold data: of a task of pixels, all. */
export function areaPixelsOf({ output, tensor }: ModelPackage): number {
  return output.pixels === null ? 0 : tensor.height * tensor.width;
}
