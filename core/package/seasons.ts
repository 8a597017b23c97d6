import * as z from 'zod';
import type { Clustering } from '../statistics/clustering.ts';
import type { BandProfile } from './bandProfile.ts';
import { clusteringSchema } from './chance.ts';
import { checked, counted, parseAs } from './problems.ts';

const positive = z.number('a number above 0').gt(0, 'a number above 0');

const monthSchema = z.looseObject(
  {
    scenes: positive,
    bands: z
      .record(
        z.string(),
        z.object(
          { counts: z.array(counted, 'a list of counts'), mean: z.number('a finite number') },
          'an object with "counts" and "mean"',
        ),
      )
      .default({}),
  },
  'an object with "scenes", and what the reference has of predictions',
);

const schema = z.looseObject(
  {
    seasons: z
      .object(
        {
          scenes: clusteringSchema.optional(),
          bands: z.record(z.string(), clusteringSchema, 'an object by the names of bands').default({}),
          months: z.partialRecord(
            z.enum(Array.from({ length: 12 }, (_, month) => String(month + 1))),
            monthSchema,
            'an object by the numbers of months, "1" to "12"',
          ),
        },
        'an object with "months"',
      )
      .optional(),
  },
  'an object',
);

/** What is usual in a month: of the predictions, and of the profile's bands, in its order. */
export type Season = {
  /** The effective number of scenes that it is made of: those of the month, and of the months before and after it. */
  readonly scenes: number;
  /** As read by the task. */
  readonly reference: unknown;
  readonly bands: readonly Pick<BandProfile, 'counts' | 'mean'>[];
};

/** The references of months, by their numbers from 1 to 12; and how alike the chips of a scene are beyond what the season explains. */
export type Seasons = {
  readonly months: Readonly<Partial<Record<string, Season>>>;
  readonly clustering?: Clustering;
  /** For each of the profile's bands. */
  readonly ofBands: readonly (Clustering | undefined)[];
};

/**
 * Reads from `reference.json` what is usual in some months: the part `seasons`, written by `swath model profile`.
 *
 * @param referenceIn reads the predictions of a month as those of the whole reference are read
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
    const months = Object.entries(seasons.months).map(([month, own]) => {
      const { scenes, bands, bins, ...predictions } = own!;
      const path = `seasons.months.${month}`;
      const ofBands = profile.map(({ name, counts, mean }) => {
        const found = Object.hasOwn(bands, name) ? bands[name]! : { counts, mean };
        const isOfBins = found.counts.length === counts.length;
        check(isOfBins, `${path}.bands.${name}.counts`, found.counts, `counts of the ${counts.length} bins`);
        return found;
      });
      const usual = { ...predictions, ...(bins !== undefined && { bins: { ...Object(bins), edges } }) };
      return [month, { scenes, bands: ofBands, reference: referenceIn(usual) }];
    });
    const ofBands = profile.map(({ name }) => (Object.hasOwn(seasons.bands, name) ? seasons.bands[name] : undefined));
    const { scenes: clustering } = seasons;
    return { months: Object.fromEntries(months), ofBands, ...(clustering && { clustering }) };
  });
}
