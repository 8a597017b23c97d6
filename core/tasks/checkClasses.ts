import type { ModelPackage } from '../models/package.ts';
import { type Check, repeatedIn } from '../models/problems.ts';

/** Checks that an output has classes with unique names and values; `path` is the output's. */
export function checkClasses({ classes }: Pick<ModelPackage, 'classes'>, path: string, check: Check): void {
  const named = `${path}.classification:classes`;
  const [names, values] = [classes.map(({ name }) => name), classes.map(({ value }) => value)];
  check(classes.length > 0, named, classes, 'a list of classes, at least one');
  for (const repeated of [repeatedIn(names), repeatedIn(values)])
    check(repeated.length === 0, named, repeated, 'each name and value once');
}
