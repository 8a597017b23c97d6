import type { ModelPackage } from '../models/package.ts';
import type { Values } from '../predictions/column.ts';
import type { NumbersByName } from './task.ts';

/** What the columns of a model's classes say of a chip, by the classes' names. */
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

/** Counts in the order of a model's classes, by the classes' names: what a reference has. */
export function countsByName(classes: ModelPackage['classes'], counts: readonly number[]): { [name: string]: number } {
  return Object.fromEntries(classes.map(({ name }, i) => [name, counts[i]!]));
}
