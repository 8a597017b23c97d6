import * as z from 'zod';
import type { Size } from '../arrays/resize.ts';
import type { Clustering } from '../statistics/clustering.ts';
import { parseAs } from './problems.ts';

const positive = z.number('a number above 0').gt(0, 'a number above 0');
const exponent = 'a number from 0 to 1';

/** How alike the chips of the reference's scenes are; written by `swath model profile`. */
export const clusteringSchema = z.object(
  {
    scenes: positive.min(2, 'a number of 2 or more'),
    chips: positive.min(1, 'a number of 1 or more'),
    exponent: z.number(exponent).min(0, exponent).max(1, exponent),
    degreesOfFreedom: positive,
  },
  'an object with "scenes", "chips", "exponent" and "degreesOfFreedom"',
);

const schema = z.looseObject(
  { unit: z.enum(['chip', 'scene'], '"chip" or "scene"').optional(), scenes: clusteringSchema.optional() },
  'an object',
);

type Chance = { unit: 'chip' | 'scene'; clustering?: Clustering };

/**
 * Reads from `reference.json` what is independent by chance: `unit`, by default each row of numbers, and each scene of pictures; and
 * `scenes`, how alike the chips of its scenes are.
 *
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseChance(json: unknown, { source }: { readonly source: Size }): Chance {
  const { unit = source.height * source.width === 1 ? 'chip' : 'scene', scenes } = parseAs(
    schema,
    'reference.json',
    json,
  );
  return { unit, ...(scenes && { clustering: scenes }) };
}
