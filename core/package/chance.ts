import * as z from 'zod';
import type { Size } from '../arrays/resize.ts';
import { object, openObject, parseAs } from './problems.ts';

/** Within these bounds, the quantile of F converges fast. The text is made when it is needed: Node's first takes 10 ms. */
const between = (least: number, most: number) => {
  const error = () => `a number from ${least} to ${most.toLocaleString('en-US')}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
};

/** How alike the chips of the reference's scenes are; written by `swath model profile`. */
export const clusteringSchema = object('an object with "scenes", "chips", "exponent" and "degreesOfFreedom"', {
  scenes: between(2, 1_000_000),
  chips: between(1, 1_000_000_000),
  exponent: between(0, 1),
  degreesOfFreedom: between(1, 10_000),
  betweenScenes: between(0, 1).optional(),
});

/**
 * How large a change is that matters, beyond the distance between distributions: of a mean, in standard deviations of the reference; and of a band's
 * mean from what the other bands let expect, as a share of it.
 */
export const EFFECT = { meanShift: 0.3, gain: 0.1 };
export type Effect = Readonly<typeof EFFECT>;

const size = between(0.001, 1000);

const effect = { meanShift: size.default(EFFECT.meanShift), gain: size.default(EFFECT.gain) };
const schema = openObject('an object', {
  unit: z.enum(['chip', 'scene'], '"chip" or "scene"').optional(),
  scenes: clusteringSchema.optional(),
  effect: z.strictObject(effect, 'an object with "meanShift" or "gain"').default(EFFECT),
});

/**
 * Reads from `reference.json` what is independent by chance: `unit`, by default each row of numbers, and each scene of pictures;
 * `scenes`, how alike the chips of its scenes are; and `effect`, how large a change matters.
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseChance(json: unknown, { source }: { readonly source: Size }) {
  const told = parseAs(schema, 'reference.json', json);
  const { unit = source.height * source.width === 1 ? 'chip' : 'scene', scenes, effect } = told;
  return { unit, effect, ...(scenes && { clustering: scenes }) };
}
