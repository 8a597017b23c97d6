import * as z from 'zod';
import { MAX_PROFILE_BANDS, MAX_PROFILE_BINS } from '../limits.ts';
import { listed, parseAs, problem, refuse } from './problems.ts';

const count = 'a whole number, 0 or more';
const number = z.number('a finite number');
const positive = number.gt(0, 'a number above 0');
const deviation = number.min(0, 'a number, 0 or more');

const share = z.number('a share from 0 to 1').min(0, 'a share from 0 to 1').max(1, 'a share from 0 to 1');

const limitsSchema = z.strictObject(
  {
    nodata: share.optional(),
    saturated: share.optional(),
    outside: share.optional(),
    saturatedAt: number.optional(),
  },
  'an object with "nodata", "saturated", "outside" or "saturatedAt"',
);

const bandSchema = z.looseObject(
  {
    chips: z.int(count).min(2, 'a whole number, 2 or more'),
    edges: z.array(number, 'a list of numbers').min(2, 'a list of at least two edges'),
    counts: z
      .array(z.int(count).min(1, 'a whole number, 1 or more'), 'a list of counts')
      .max(MAX_PROFILE_BINS, `counts of at most ${MAX_PROFILE_BINS} bins`),
    mean: number,
    deviation,
    betweenChips: deviation,
    valuesPerChip: positive,
    degreesOfFreedom: positive,
    nodata: share.optional(),
    saturated: share.optional(),
    limits: limitsSchema.optional(),
  },
  'an object with "chips", "edges", "counts", …',
);

const schema = z.looseObject(
  {
    bands: z
      .record(z.string(), z.unknown(), 'an object of profiles by the names of bands')
      .refine(
        (bands) => Object.keys(bands).length <= MAX_PROFILE_BANDS,
        `profiles of at most ${MAX_PROFILE_BANDS} bands`,
      )
      .pipe(z.record(z.string(), bandSchema))
      .optional(),
  },
  'an object',
);

/**
 * What a source band's values are like where the model works as it was meant to: the part `bands` of `reference.json`, which
 * `swath model profile` makes. All of it is of the pixels that `sampledPixels` names, in source units.
 */
export type BandProfile = {
  readonly name: string;
  /** Which of the package's source bands it is. */
  readonly source: number;
  /** How many chips it was made from, none of them blank. */
  readonly chips: number;
  /** The n + 1 ends of n bins, rising. The outermost are the smallest and the largest value. */
  readonly edges: readonly number[];
  /** Values in each of the n bins. A bin holds its lower end and not its upper one, but the last holds both. */
  readonly counts: readonly number[];
  readonly mean: number;
  /** Of the values from their mean. */
  readonly deviation: number;
  /** Of the chips' means from theirs. */
  readonly betweenChips: number;
  /**
   * How many values, each drawn by itself, tell as much of the bins' shares as one chip does, whose values are alike; and with
   * how many degrees of freedom: see `noiseFloorOfChips`.
   */
  readonly valuesPerChip: number;
  readonly degreesOfFreedom: number;
  /** The share of the pixels that held no data, and of the values that were saturated; 0 where the profile does not say. */
  readonly nodata?: number | undefined;
  readonly saturated?: number | undefined;
  /** What data quality allows for this band, where it is not what core/measures/bands/violations.ts says. */
  readonly limits?: BandLimits | undefined;
};

/** By how much shares may be above the profile's; and from which value on the band counts as saturated, in source units. */
export type BandLimits = Readonly<z.infer<typeof limitsSchema>>;

/**
 * Reads the profile of the source bands from `reference.json`, in the package's order of them.
 *
 * @returns undefined where the package has none
 * @throws {InvalidModelPackage} that lists each problem
 */
export function parseProfile(
  json: unknown,
  sourceBands: readonly { readonly name: string }[],
): BandProfile[] | undefined {
  const { bands } = parseAs(schema, 'reference.json', json);
  if (bands === undefined) return undefined;
  const named = sourceBands.map(({ name }) => name);
  // As the file has it: a name such as __proto__ does not get through the schema.
  const problems = Object.keys((json as { bands: object }).bands)
    .filter((name) => !named.includes(name))
    .map((name) => problem('bands', name, `one of the package's source bands (${listed(named)})`));
  const profiles = named.flatMap((name, source) => {
    const found = Object.hasOwn(bands, name) ? bands[name] : undefined;
    return found === undefined ? [] : [{ ...found, name, source }];
  });
  for (const { name, edges, counts } of profiles) {
    if (edges.some((edge, i) => i > 0 && !(edge > edges[i - 1]!)))
      problems.push(problem(`bands.${name}.edges`, edges, 'edges that rise'));
    if (counts.length !== edges.length - 1)
      problems.push(
        problem(`bands.${name}.counts`, `${counts.length} counts`, `one for each of the ${edges.length - 1} bins`),
      );
  }
  if (problems.length > 0) refuse('reference.json', problems);
  return profiles.length === 0 ? undefined : profiles.map(onlyProfile);
}

/** Without what else the file says. */
function onlyProfile(profile: BandProfile): BandProfile {
  const { name, source, chips, edges, counts, mean, deviation, betweenChips, valuesPerChip, degreesOfFreedom } =
    profile;
  const { nodata, saturated, limits } = profile;
  return {
    ...{ name, source, chips, edges, counts, mean, deviation, betweenChips, valuesPerChip, degreesOfFreedom },
    ...(nodata !== undefined && { nodata }),
    ...(saturated !== undefined && { saturated }),
    ...(limits !== undefined && { limits }),
  };
}
