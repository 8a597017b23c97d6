import { isFloat } from '../../models/dataTypes.ts';
import type { ModelPackage } from '../../models/package.ts';

/**
 * How the class of a pixel is read from a model's numbers for it:
 * - `scores`: one for each class, of which the highest wins;
 * - `background`: one for each class but the first, which a pixel is of where no other reaches its threshold;
 * - `labels`: the class's value itself.
 * Null where the numbers fit none of these.
 */
export type Reading = 'scores' | 'background' | 'labels' | null;

export function readingOf({ classes, output }: Pick<ModelPackage, 'classes' | 'output'>): Reading {
  const channels = output.pixels?.channels ?? 0;
  const isLabel = channels === 1 && output.activation === null && (!isFloat(output.dataType) || classes.length > 2);
  if (isLabel) return 'labels';
  if (!isFloat(output.dataType) || classes.length < 2) return null;
  if (channels === classes.length) return 'scores';
  return channels === classes.length - 1 && output.activation !== 'softmax' ? 'background' : null;
}

/** The type of a map of classes: the smallest that holds their values, and one more for pixels of none. */
export function mapTypeOf({ classes }: Pick<ModelPackage, 'classes'>): {
  dataType: 'uint8' | 'uint16' | 'int32';
  nodata: number;
} {
  const values = classes.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const limits = [
    ['uint8', 2 ** 8],
    ['uint16', 2 ** 16],
  ] as const;
  for (const [dataType, end] of limits)
    if (least >= 0 && most < end) {
      const nodata = freeBelow(end, values);
      if (nodata !== undefined) return { dataType, nodata };
    }
  return { dataType: 'int32', nodata: freeBelow(2 ** 31, values)! };
}

/** The largest value below `end` that is no class's. */
function freeBelow(end: number, values: readonly number[]): number | undefined {
  const taken = new Set(values);
  for (let value = end - 1; value >= 0 && value >= end - 1 - values.length; value -= 1)
    if (!taken.has(value)) return value;
  return undefined;
}
