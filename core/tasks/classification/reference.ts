import * as z from 'zod';
import { MAX_CLASSES } from '../../limits.ts';
import type { ModelPackage } from '../../models/package.ts';
import { listed, parseAs, problem, refuse } from '../../models/problems.ts';

/** The expected frequency of each class, as counts in the package's order. */
export type ClassReference = readonly number[];

const count = 'a whole number, 0 or more';
const reference = z.looseObject(
  {
    classes: z
      .record(z.string(), z.unknown(), 'an object of counts by class name')
      .refine((classes) => Object.keys(classes).length <= MAX_CLASSES, `counts of at most ${MAX_CLASSES} classes`)
      .pipe(z.record(z.string(), z.int(count).min(0, count))),
  },
  'an object with "classes"',
);

/**
 * Reads `reference.json`, the baseline of drift: `{"classes": {"<class name>": <count>}, …}`.
 *
 * @returns the counts in the order of the classes; 0 for a class that the file omits
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseReference(json: unknown, model: Pick<ModelPackage, 'classes'>): number[] {
  const classNames = model.classes.flatMap(({ name, title }) => (title === undefined ? name : [title, name]));
  const { classes } = parseAs(reference, 'reference.json', json);
  // Checked on the raw file: a name such as __proto__ does not get through the schema.
  const named = Object.keys((json as { classes: object }).classes);
  const problems = named
    .filter((name) => !classNames.includes(name))
    .map((name) => problem('classes', name, `one of the model's classes (${listed(classNames)})`));
  if (Object.values(classes).every((count) => count === 0))
    problems.push(problem('classes', classes, 'counts of which at least one is above 0'));
  if (problems.length > 0) refuse('reference.json', problems);
  const counts = new Map(Object.entries(classes)); // not a plain object: a class may be called constructor
  return model.classes.map(({ name, title = name }) => counts.get(name) ?? counts.get(title) ?? 0);
}
