import * as z from 'zod';
import { listed } from '../base/errors.ts';
import { MAX_PROFILE_BANDS, MAX_PROFILE_BINS } from '../base/limits.ts';
import { canExpect, type JointMeans } from '../statistics/jointMeans.ts';
import { clusteringSchema } from './chance.ts';
import { checkBins, checked, counted, object, openObject, parseAs } from './problems.ts';

const number = z.number('a finite number');
const positive = number.gt(0, 'a number above 0');
const deviation = number.min(0, 'a number, 0 or more');

const share = z.number('a share from 0 to 1').min(0, 'a share from 0 to 1').max(1, 'a share from 0 to 1');

/** By how much shares may exceed the profile's; and the value, in source units, from which the band counts as saturated. */
const limitsSchema = z.strictObject(
  { nodata: share.optional(), saturated: share.optional(), outside: share.optional(), saturatedAt: number.optional() },
  'an object with "nodata", "saturated", "outside" or "saturatedAt"',
);

const bandSchema = object('an object with "chips", "edges", "counts", …', {
  /** The number of chips it was made from, none of them blank. */
  chips: counted.min(2, 'a whole number, 2 or more'),
  /** The n + 1 edges of n bins, ascending. The outermost are the minimum and the maximum. */
  edges: z.array(number, 'a list of numbers').min(2, 'a list of at least two edges'),
  /** The values in each of the n bins. A bin includes its lower edge but not its upper one; the last includes both. */
  counts: z
    .array(counted.min(1, 'a whole number, 1 or more'), 'a list of counts')
    .max(MAX_PROFILE_BINS, `counts of at most ${MAX_PROFILE_BINS} bins`),
  mean: number,
  /** The standard deviation of the values, and of the chips' means. */
  deviation,
  betweenChips: deviation,
  /** How many independent values say as much as one chip of alike ones; and its degrees of freedom: `spreadOfChips`. */
  valuesPerChip: positive,
  degreesOfFreedom: positive,
  scenes: clusteringSchema.optional(),
  /** The share of pixels without data, and of saturated values; 0 if the profile does not say. */
  nodata: share.optional(),
  saturated: share.optional(),
  /** The band's limits for data quality, if they differ from those in core/measures/bands/violations.ts. */
  limits: limitsSchema.optional(),
});

const schema = openObject('an object', {
  bands: z
    .record(z.string(), z.unknown(), 'an object of profiles by the names of bands')
    .refine((of) => Object.keys(of).length <= MAX_PROFILE_BANDS, `profiles of at most ${MAX_PROFILE_BANDS} bands`)
    .pipe(z.record(z.string(), bandSchema))
    .optional(),
});

/**
 * The distribution of a source band's values under the conditions that the model was made for: the part `bands` of
 * `reference.json`, written by `swath model profile`. It covers the pixels that `sampledPixels` selects, in source units.
 */
export type BandProfile = Readonly<z.infer<typeof bandSchema>> & {
  readonly name: string;
  /** The index of the package's source band. */
  readonly source: number;
  /** How many times as much as those of all scenes the means of a segment's, or a month's, differ; 1 if it is not said. */
  readonly wider?: number;
};

const numbers = z.array(number, 'a list of numbers');

const bandMeansSchema = object('an object with "scenes", "chips", "bands", "means", "covariance" and "furthest"', {
  scenes: counted.min(2, 'a whole number, 2 or more'),
  chips: positive,
  bands: z.array(z.string(), 'a list of names').min(2, 'a list of at least two names'),
  means: numbers,
  covariance: z.array(numbers, 'a list of rows'),
  furthest: z.object({ alone: numbers, together: numbers }, 'an object with "alone" and "together"'),
});
const jointSchema = openObject('an object', { bandMeans: bandMeansSchema.optional() });

/** How the bands' means differ from scene to scene together; `bands` are indices into the profile. */
export type BandMeans = JointMeans & { readonly bands: readonly number[] };

/** How the means of the bands vary together; undefined if unsaid. Throws `InvalidModelPackage` with all problems. */
export function parseBandMeans(json: unknown, profile: readonly BandProfile[] = []): BandMeans | undefined {
  const { bandMeans } = parseAs(jointSchema, 'reference.json', json);
  if (bandMeans === undefined) return undefined;
  const { bands: names, ...joint } = bandMeans;
  const named = profile.map(({ name }) => name);
  return checked('reference.json', (check, problems) => {
    const rule = `each of the profile's bands (${listed(named)}) once`;
    for (const [i, name] of names.entries())
      check(named.includes(name) && names.indexOf(name) === i, 'bandMeans.bands', name, rule);
    const { means, covariance, furthest, scenes } = joint;
    const isOfAll = [means, furthest.alone, furthest.together, covariance].every((of) => of.length === names.length);
    const shape = `one number for each of the ${names.length} bands, and the lower triangle of a matrix`;
    check(isOfAll && covariance.every((row, i) => row.length === i + 1), 'bandMeans', 'lists of other lengths', shape);
    const isPossible = problems.length > 0 || canExpect(joint);
    check(isPossible, 'bandMeans.covariance', scenes, 'a positive definite matrix of more scenes than bands');
    return { ...joint, bands: names.map((name) => named.indexOf(name)) };
  });
}

/** Reads the profile of source bands, if any, in the package's order. Throws `InvalidModelPackage` with all problems. */
export function parseProfile(json: unknown, sourceBands: readonly { name: string }[]): BandProfile[] | undefined {
  const { bands } = parseAs(schema, 'reference.json', json);
  if (bands === undefined) return undefined;
  const named = sourceBands.map(({ name }) => name);
  return checked('reference.json', (check) => {
    // Checked on the raw file: a name such as __proto__ does not get through the schema.
    for (const name of Object.keys((json as { bands: object }).bands))
      check(named.includes(name), 'bands', name, `one of the package's source bands (${listed(named)})`);
    const profiles = named.flatMap((name, source) => {
      const found = Object.hasOwn(bands, name) ? bands[name] : undefined;
      return found === undefined ? [] : [{ ...found, name, source }];
    });
    for (const { name, edges, counts } of profiles) checkBins(`bands.${name}`, edges, counts, check);
    return profiles.length === 0 ? undefined : profiles;
  });
}
