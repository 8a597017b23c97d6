import * as z from 'zod';
import type { PackageFacts } from '../../package/facts.ts';
import { checked, counted, parseAs } from '../../package/problems.ts';
import { byClass, inOrderOf } from '../classes.ts';

/** The expected frequency of each class, as counts in the package's order. */
export type ClassReference = readonly number[];

const reference = z.looseObject({ classes: byClass(counted, 'counts') }, 'an object with "classes"');

/**
 * Reads `reference.json`, the baseline of drift: `{"classes": {"<class name>": <count>}, …}`.
 * @returns the counts in the order of the classes; 0 for a class that the file omits
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseReference(json: unknown, model: Pick<PackageFacts, 'classes'>): number[] {
  const { classes } = parseAs(reference, 'reference.json', json);
  return checked('reference.json', (check) => {
    const counts = inOrderOf(model.classes, json, classes, check);
    const isAny = Object.values(classes).some((count) => count > 0);
    check(isAny, 'classes', classes, 'counts of which at least one is above 0');
    return counts;
  });
}
