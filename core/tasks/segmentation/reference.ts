import * as z from 'zod';
import type { PackageFacts } from '../../package/facts.ts';
import { checked, parseAs } from '../../package/problems.ts';
import { byClass, inOrderOf } from '../classes.ts';
import type { ClassReference } from '../classification/reference.ts';
import { total } from '../confusion.ts';

const weight = 'a number, 0 or more';
const chips = 'a whole number, 1 or more';
const schema = z.looseObject(
  { classes: byClass(z.number(weight).min(0, weight), 'weights'), chips: z.int(chips).min(1, chips).optional() },
  'an object with "classes"',
);

/**
 * Reads `reference.json`: `{"classes": {"<class name>": <weight>}, "chips": <number>}`. The weights say how much of the
 * reference each class takes, in pixels, chips or shares; `chips` is the number of chips, which the noise floor needs.
 * Without it, the weights are taken as chips.
 * @returns chips in the order of the classes, which add up to the number of chips; 0 for a class that the file omits
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseShares(json: unknown, model: Pick<PackageFacts, 'classes'>): ClassReference {
  const { classes, chips: of } = parseAs(schema, 'reference.json', json);
  const all = total(Object.values(classes));
  return checked('reference.json', (check) => {
    const weights = inOrderOf(model.classes, json, classes, check);
    check(all > 0, 'classes', classes, 'weights of which at least one is above 0');
    return weights.map((one) => (one * (of ?? all)) / all);
  });
}
