import * as z from 'zod';
import type { PackageFacts } from '../../package/facts.ts';
import { parseAs, problem, refuse } from '../../package/problems.ts';
import { byClass, inOrderOf } from '../classes.ts';

/** The number of reference chips, and how many of them have each label, in the order of the package's classes. */
export type LabelReference = { readonly chips: number; readonly counts: readonly number[] };

const count = 'a whole number, 0 or more';
const chips = 'a whole number, 1 or more: of how many chips the labels were counted';
const schema = z.looseObject(
  { classes: byClass(z.int(count).min(0, count), 'counts'), chips: z.int(chips).min(1, chips) },
  'an object with "classes" and "chips"',
);

/**
 * Reads `reference.json`: `{"chips": <number>, "classes": {"<class name>": <chips that have it>, …}}`.
 *
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseLabels(json: unknown, model: Pick<PackageFacts, 'classes'>): LabelReference {
  const { classes, chips: of } = parseAs(schema, 'reference.json', json);
  const problems: string[] = [];
  const named = model.classes.map(({ name }) => ({ name }));
  const counts = inOrderOf(named, json, classes, problems);
  for (const [name, found] of Object.entries(classes))
    if (found > of) problems.push(problem(`classes.${name}`, found, `at most as many as there are chips, ${of}`));
  if (problems.length > 0) refuse('reference.json', problems);
  return { chips: of, counts };
}
