import * as z from 'zod';
import { MAX_CLASSES } from '../../limits.ts';
import type { ModelPackage } from '../../models/package.ts';
import { listed, parseAs, problem, refuse } from '../../models/problems.ts';

/** The number of reference chips, and how many of them have each label, in the order of the package's classes. */
export type LabelReference = { readonly chips: number; readonly counts: readonly number[] };

const count = 'a whole number, 0 or more';
const chips = 'a whole number, 1 or more: of how many chips the labels were counted';
const schema = z.looseObject(
  {
    classes: z
      .record(z.string(), z.unknown(), 'an object of counts by class name')
      .refine((classes) => Object.keys(classes).length <= MAX_CLASSES, `counts of at most ${MAX_CLASSES} classes`)
      .pipe(z.record(z.string(), z.int(count).min(0, count))),
    chips: z.int(chips).min(1, chips),
  },
  'an object with "classes" and "chips"',
);

/**
 * Reads `reference.json`: `{"chips": <number>, "classes": {"<class name>": <chips that have it>, …}}`.
 *
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseLabels(json: unknown, model: Pick<ModelPackage, 'classes'>): LabelReference {
  const names = model.classes.map(({ name }) => name);
  const { classes, chips: of } = parseAs(schema, 'reference.json', json);
  const problems = Object.keys((json as { classes: object }).classes)
    .filter((name) => !names.includes(name))
    .map((name) => problem('classes', name, `one of the model's classes (${listed(names)})`));
  for (const [name, found] of Object.entries(classes))
    if (found > of) problems.push(problem(`classes.${name}`, found, `at most as many as there are chips, ${of}`));
  if (problems.length > 0) refuse('reference.json', problems);
  const counts = new Map(Object.entries(classes)); // not a plain object: a class may be called constructor
  return { chips: of, counts: names.map((name) => counts.get(name) ?? 0) };
}
