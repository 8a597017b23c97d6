import * as z from 'zod';
import { MAX_CLASSES } from '../../limits.ts';
import type { ModelPackage } from '../../models/package.ts';
import { listed, parseAs, problem, refuse } from '../../models/problems.ts';
import type { ClassReference } from '../classification/reference.ts';

const weight = 'a number, 0 or more';
const chips = 'a whole number, 1 or more';
const schema = z.looseObject(
  {
    classes: z
      .record(z.string(), z.unknown(), 'an object of weights by class name')
      .refine((classes) => Object.keys(classes).length <= MAX_CLASSES, `weights of at most ${MAX_CLASSES} classes`)
      .pipe(z.record(z.string(), z.number(weight).min(0, weight))),
    chips: z.int(chips).min(1, chips).optional(),
  },
  'an object with "classes"',
);

/**
 * Reads `reference.json`: `{"classes": {"<class name>": <weight>}, "chips": <number>}`. The weights say how much of the
 * reference each class takes, in pixels, chips or shares; `chips` is the number of chips, which the noise floor needs.
 * Without it, the weights are taken as chips.
 *
 * @returns chips in the order of the classes, which add up to the number of chips; 0 for a class that the file omits
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseShares(json: unknown, model: Pick<ModelPackage, 'classes'>): ClassReference {
  const names = model.classes.flatMap(({ name, title }) => (title === undefined ? name : [title, name]));
  const { classes, chips: of } = parseAs(schema, 'reference.json', json);
  const problems = Object.keys((json as { classes: object }).classes)
    .filter((name) => !names.includes(name))
    .map((name) => problem('classes', name, `one of the model's classes (${listed(names)})`));
  const total = Object.values(classes).reduce((sum, one) => sum + one, 0);
  if (!(total > 0)) problems.push(problem('classes', classes, 'weights of which at least one is above 0'));
  if (problems.length > 0) refuse('reference.json', problems);
  const weights = new Map(Object.entries(classes)); // not a plain object: a class may be called constructor
  return model.classes.map(
    ({ name, title = name }) => ((weights.get(name) ?? weights.get(title) ?? 0) * (of ?? total)) / total,
  );
}
