import { isFloat } from '../../models/dataTypes.ts';
import type { ModelPackage } from '../../models/package.ts';

/**
 * How a pixel's class is read from the model's numbers for it:
 *
 * - `scores`: one for each class; the highest wins
 * - `background`: one for each class but the first, which a pixel gets if no other class reaches its threshold
 * - `labels`: the class's value itself
 *
 * Null if the numbers fit none of these.
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

/** Returns the type of a map of classes: the smallest that holds their values and a nodata value. */
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

/** Returns the largest value below `end` that is not a class's. */
function freeBelow(end: number, values: readonly number[]): number | undefined {
  const taken = new Set(values);
  for (let value = end - 1; value >= 0 && value >= end - 1 - values.length; value -= 1)
    if (!taken.has(value)) return value;
  return undefined;
}
