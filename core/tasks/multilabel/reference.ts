import * as z from 'zod';
import type { PackageFacts } from '../../package/facts.ts';
import { checked, counted, parseAs } from '../../package/problems.ts';
import { byClass, inOrderOf } from '../classes.ts';

/** The number of reference chips, and how many of them have each label, in the order of the package's classes. */
export type LabelReference = { readonly chips: number; readonly counts: readonly number[] };

const chips = 'a whole number, 1 or more: of how many chips the labels were counted';
const schema = z.looseObject(
  { classes: byClass(counted, 'counts'), chips: z.int(chips).min(1, chips) },
  'an object with "classes" and "chips"',
);

/** Reads `{"chips": <number>, "classes": {"<name>": <chips that have it>}}`. Throws `InvalidModelPackage`. */
export function parseLabels(json: unknown, model: Pick<PackageFacts, 'classes'>): LabelReference {
  const { classes, chips: of } = parseAs(schema, 'reference.json', json);
  return checked('reference.json', (check) => {
    const counts = inOrderOf(model.classes, json, classes, check);
    for (const [name, found] of Object.entries(classes))
      check(found <= of, `classes.${name}`, found, `at most as many as there are chips, ${of}`);
    return { chips: of, counts };
  });
}
