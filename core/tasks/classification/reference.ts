import * as z from 'zod';
import type { PackageFacts } from '../../package/facts.ts';
import { parseAs, problem, refuse } from '../../package/problems.ts';
import { byClass, inOrderOf } from '../classes.ts';

/** The expected frequency of each class, as counts in the package's order. */
export type ClassReference = readonly number[];

const count = 'a whole number, 0 or more';
const reference = z.looseObject({ classes: byClass(z.int(count).min(0, count), 'counts') }, 'an object with "classes"');

/**
 * Reads `reference.json`, the baseline of drift: `{"classes": {"<class name>": <count>}, …}`.
 *
 * @returns the counts in the order of the classes; 0 for a class that the file omits
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseReference(json: unknown, model: Pick<PackageFacts, 'classes'>): number[] {
  const { classes } = parseAs(reference, 'reference.json', json);
  const problems: string[] = [];
  const counts = inOrderOf(model.classes, json, classes, problems);
  if (Object.values(classes).every((count) => count === 0))
    problems.push(problem('classes', classes, 'counts of which at least one is above 0'));
  if (problems.length > 0) refuse('reference.json', problems);
  return counts;
}
