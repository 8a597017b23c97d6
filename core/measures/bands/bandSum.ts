import * as z from 'zod';

const count = z.int().min(0);

/** The rules of data quality, by the names that people are told. What breaks them is in violations.ts. */
export const VIOLATIONS = ['missing band', 'constant band', 'nodata share', 'saturated share', 'new range'] as const;
export type Violation = (typeof VIOLATIONS)[number];

const bandSum = z.object({
  /** Chips with at least one value. */
  chips: count,
  /** Pixels that were looked at and hold no data. */
  nodata: count,
  /** Values in each of n + 2 bins: below the profile's first edge, its bins, above its last edge. */
  counts: z.array(count),
  mean: z.number(),
  /** The sum of squared differences from the mean. */
  squares: z.number().min(0),
  /** Null where there is no value. */
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  /** The same of the chips' means: their mean, and the sum of their squared differences from it. */
  chipMean: z.number(),
  chipSquares: z.number().min(0),
  /** How many runs break a rule, by the rule; absent where none does, and in rows of former releases. */
  violations: z.partialRecord(z.enum(VIOLATIONS), count).optional(),
});

/** What is kept of a band's values, of those pixels that `sampledPixels` names; in source units. */
export type BandSum = z.infer<typeof bandSum>;

export const bandSums = z.array(bandSum);

export function valuesIn({ counts }: Pick<BandSum, 'counts'>): number {
  return counts.reduce((sum, one) => sum + one, 0);
}

/** Variance of the values, over all of them; null where there is none. */
export function varianceOf(sum: BandSum): number | null {
  const n = valuesIn(sum);
  return n === 0 ? null : sum.squares / n;
}

/** The unbiased variance of the chips' means; null where there are fewer than two chips. */
export function varianceBetweenChips({ chips, chipSquares }: BandSum): number | null {
  return chips < 2 ? null : chipSquares / (chips - 1);
}

export function addBandSums(a: BandSum, b: BandSum): BandSum {
  const values = joined({ n: valuesIn(a), ...a }, { n: valuesIn(b), ...b });
  const means = joined(
    { n: a.chips, mean: a.chipMean, squares: a.chipSquares },
    { n: b.chips, mean: b.chipMean, squares: b.chipSquares },
  );
  return {
    chips: means.n,
    nodata: a.nodata + b.nodata,
    counts: a.counts.map((one, bin) => one + b.counts[bin]!),
    mean: values.mean,
    squares: values.squares,
    minimum: least(a.minimum, b.minimum),
    maximum: most(a.maximum, b.maximum),
    chipMean: means.mean,
    chipSquares: means.squares,
    ...addViolations(a, b),
  };
}

function addViolations({ violations: a }: BandSum, { violations: b }: BandSum): Pick<BandSum, 'violations'> {
  if (a === undefined || b === undefined) return { ...((a ?? b) && { violations: a ?? b }) };
  const broken = VIOLATIONS.filter((name) => a[name] !== undefined || b[name] !== undefined);
  return { violations: Object.fromEntries(broken.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)])) };
}

type Moments = { n: number; mean: number; squares: number };

/** As Chan, Golub and LeVeque do, The American Statistician 37 (1983) 242: no difference of large numbers. */
function joined(a: Moments, b: Moments): Moments {
  const n = a.n + b.n;
  if (n === 0) return { n, mean: 0, squares: 0 };
  const apart = b.mean - a.mean;
  return {
    n,
    mean: a.mean + (apart * b.n) / n,
    squares: a.squares + b.squares + (apart * apart * a.n * b.n) / n,
  };
}

function least(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function most(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** The rules that a run breaks, as they are added up. */
export function ofOneRun(broken: readonly Violation[]): NonNullable<BandSum['violations']> {
  return Object.fromEntries(broken.map((name) => [name, 1]));
}
