import type { ModelPackage } from '../models/package.ts';
import type { Values } from '../predictions/column.ts';
import type { NumbersByName } from './task.ts';

/** Returns a chip's values in the columns of the model's classes, by class name. */
export function ofClasses(
  values: Values,
  chip: number,
  { classes }: Pick<ModelPackage, 'classes'>,
  columnOf: (value: number) => string,
): NumbersByName {
  return Object.fromEntries(
    classes.map(({ name, value }) => [name, (values[columnOf(value)]?.[chip] ?? null) as number | null]),
  );
}

/** Returns counts in the order of a model's classes by class name, as in a reference. */
export function countsByName(classes: ModelPackage['classes'], counts: readonly number[]): { [name: string]: number } {
  return Object.fromEntries(classes.map(({ name }, i) => [name, counts[i]!]));
}
