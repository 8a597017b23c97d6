import * as z from 'zod';
import { mapped } from '../base/mapped.ts';
import type { Clustering } from '../statistics/clustering.ts';
import type { BandProfile } from './bandProfile.ts';
import { clusteringSchema } from './chance.ts';
import { checked, counted, object, openObject, parseAs } from './problems.ts';

const positive = z.number('a number above 0').gt(0, 'a number above 0');

const bandSchema = object('an object with "counts" and "mean"', {
  counts: z.array(counted, 'a list of counts'),
  mean: z.number('a finite number'),
  /** How many times as much as of all scenes the means of these differ, if more. */
  wider: z.number('a number, 1 or more').min(1, 'a number, 1 or more').default(1),
});
const seasonFields = { scenes: positive, bands: z.record(z.string(), bandSchema).default({}) };
const SEASON = 'an object with "scenes", and what the reference has of predictions';
const monthsSchema = z.partialRecord(
  z.enum(Array.from({ length: 12 }, (_, month) => String(month + 1))),
  z.looseObject(seasonFields, SEASON),
  'an object by the numbers of months, "1" to "12"',
);
const segmentSchema = z.looseObject({ ...seasonFields, months: monthsSchema.default({}) }, SEASON);
type SeasonRead = z.infer<typeof segmentSchema>;

const seasonsSchema = object('an object with "months"', {
  scenes: clusteringSchema.optional(),
  bands: z.record(z.string(), clusteringSchema, 'an object by the names of bands').default({}),
  months: monthsSchema,
  segments: z.record(z.string(), z.record(z.string(), segmentSchema, 'an object by the names of segments')).default({}),
});
const schema = openObject('an object', { seasons: seasonsSchema.optional() });

/** What is usual of some scenes: of the predictions, and of the profile's bands, in its order. */
export type Season = {
  /** Their effective number: of a month, those of the months before and after it as well. */
  readonly scenes: number;
  /** As read by the task. */
  readonly reference: unknown;
  readonly bands: readonly z.infer<typeof bandSchema>[];
};

/** By their numbers from 1 to 12. */
type Months = Readonly<Partial<Record<string, Season>>>;

/** What is usual in some months and of some segments; and how alike the chips of a scene are beyond what its month explains. */
export type Seasons = {
  readonly months: Months;
  /** By what they are told apart by, and by name. */
  readonly segments: Readonly<Record<string, Readonly<Record<string, Season & { readonly months: Months }>>>>;
  readonly clustering?: Clustering;
  /** For each of the profile's bands. */
  readonly ofBands: readonly (Clustering | undefined)[];
};

/**
 * Reads from `reference.json` what is usual in some months and of some segments: the part `seasons`, written by `swath model profile`.
 * @param referenceIn reads their predictions as those of the whole reference are read
 * @returns undefined if the package does not say
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseSeasons(
  json: unknown,
  referenceIn: (json: unknown) => unknown,
  profile: readonly BandProfile[] = [],
): Seasons | undefined {
  const { seasons } = parseAs(schema, 'reference.json', json);
  if (seasons === undefined) return undefined;
  const { edges } = Object((json as { bins?: unknown }).bins);
  return checked('reference.json', (check) => {
    const read = ({ scenes, bands, bins, months: _, ...predictions }: SeasonRead, path: string): Season => {
      const ofBands = profile.map(({ name, counts, mean }) => {
        const found = Object.hasOwn(bands, name) ? bands[name]! : { counts, mean, wider: 1 };
        const isOfBins = found.counts.length === counts.length;
        check(isOfBins, `${path}.bands.${name}.counts`, found.counts, `counts of the ${counts.length} bins`);
        return found;
      });
      const usual = { ...predictions, ...(bins !== undefined && { bins: { ...Object(bins), edges } }) };
      return { scenes, bands: ofBands, reference: referenceIn(usual) };
    };
    const readMonths = (months: z.infer<typeof monthsSchema>, path: string): Months =>
      mapped(months, (season, month) => read({ ...season!, months: {} }, `${path}.months.${month}`));
    const segments = mapped(seasons.segments, (names, by) =>
      mapped(names, (segment, name) => {
        const path = `seasons.segments.${by}.${name}`;
        return { ...read(segment, path), months: readMonths(segment.months, path) };
      }),
    );
    const ofBands = profile.map(({ name }) => (Object.hasOwn(seasons.bands, name) ? seasons.bands[name] : undefined));
    const { scenes: clustering } = seasons;
    return { months: readMonths(seasons.months, 'seasons'), segments, ofBands, ...(clustering && { clustering }) };
  });
}
