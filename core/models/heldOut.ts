import * as z from 'zod';
import type { HeldOut } from '../calibration/estimateAccuracy.ts';
import { parseAs, problem, refuse } from './problems.ts';

const count = 'a whole number, 0 or more';

const schema = z.looseObject(
  {
    calibration: z
      .looseObject(
        {
          chips: z.int(count).min(1, 'a whole number, 1 or more'),
          right: z.int(count).min(0, count),
        },
        'an object with "chips" and "right"',
      )
      .optional(),
  },
  'an object',
);

/**
 * Reads from `reference.json` how many predictions for held-out data were right: the part `calibration`, written by `swath
 * model calibrate`. Its other fields are for people.
 *
 * @returns undefined if the package does not say
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseHeldOut(json: unknown): HeldOut | undefined {
  const { calibration } = parseAs(schema, 'reference.json', json);
  if (calibration === undefined) return undefined;
  const { chips, right } = calibration;
  if (right > chips)
    refuse('reference.json', [problem('calibration.right', right, `no more than there are chips, ${chips}`)]);
  return { chips, right };
}
