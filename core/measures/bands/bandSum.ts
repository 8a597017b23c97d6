import * as z from 'zod';
import { added } from '../../base/added.ts';
import { addMoments, type Moments } from '../../statistics/moments.ts';

const count = z.int().min(0);

/** The rules of data quality, by their public names. violations.ts decides what breaks them. */
export const VIOLATIONS = ['missing band', 'constant band', 'nodata share', 'saturated share', 'new range'] as const;
export type Violation = (typeof VIOLATIONS)[number];

const bandSum = z.object({
  /** Chips with at least one value. */
  chips: count,
  /** Sampled pixels without data. */
  nodata: count,
  /** Values in each of n + 2 bins: below the profile's first edge, its bins, above its last edge. */
  counts: z.array(count),
  mean: z.number(),
  /** The sum of squared differences from the mean. */
  squares: z.number().min(0),
  /** Null if there are no values. */
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  /** The same for the chips' means: their mean, and the sum of squared differences from it. */
  chipMean: z.number(),
  chipSquares: z.number().min(0),
  /** How many runs break each rule; absent if none does. */
  violations: z.partialRecord(z.enum(VIOLATIONS), count).optional(),
});

/** Sums of a band's values over the pixels that `sampledPixels` selects, in source units. */
export type BandSum = z.infer<typeof bandSum>;

export const bandSums = z.array(bandSum);

/** In the order of the package's profile; absent without a profile, or if no chip was classified. */
export type BandSums = { bands?: BandSum[] | undefined };

export const valuesIn = ({ counts }: Pick<BandSum, 'counts'>): number => counts.reduce((sum, one) => sum + one, 0);

/** Returns the unbiased variance of the chips' means; null for fewer than two chips. */
export const varianceBetweenChips = ({ chips, chipSquares }: BandSum): number | null =>
  chips < 2 ? null : chipSquares / (chips - 1);

export function addBandSums(a: BandSum, b: BandSum): BandSum {
  const means = addMoments(meansOfChips(a), a.chips, meansOfChips(b), b.chips);
  const violations = added(a.violations, b.violations);
  return {
    chips: a.chips + b.chips,
    nodata: a.nodata + b.nodata,
    counts: a.counts.map((one, bin) => one + b.counts[bin]!),
    ...addMoments(a, valuesIn(a), b, valuesIn(b)),
    minimum: either(Math.min, a.minimum, b.minimum),
    maximum: either(Math.max, a.maximum, b.maximum),
    chipMean: means.mean,
    chipSquares: means.squares,
    ...(violations && { violations }),
  };
}

const meansOfChips = ({ chipMean, chipSquares }: BandSum): Moments => ({ mean: chipMean, squares: chipSquares });

const either = (of: (a: number, b: number) => number, a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : of(a, b);

export const ofOneRun = (broken: readonly Violation[]): NonNullable<BandSum['violations']> =>
  Object.fromEntries(broken.map((name) => [name, 1]));
