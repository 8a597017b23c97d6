import { type DataType, largestOf, limitIn } from '../../arrays/dataTypes.ts';
import type { BandProfile } from '../../package/bandProfile.ts';
import { type BandSum, VIOLATIONS, type Violation, valuesIn } from './bandSum.ts';

/** How often chance may exceed a noise floor, or break a rule, of any band in a quiet window. */
export const ALPHA = 0.01;

/** How far a share may exceed the profile's, unless the profile has `limits` of its own. docs/drift.md says why. */
export const SHARE_LIMITS = { nodata: 0.2, saturated: 0.05, outside: 0.05 } as const;

type Looked = { sum: BandSum; saturated: number };

/**
 * Returns the data quality rules that the sampled values of a band in one run break. A share breaks its rule if it exceeds
 * the limit so far that chance explains it, for any band, in fewer than one of a hundred quiet runs of this many chips.
 * @param saturated how many values reach the band's `saturationOf`
 * @param of the number of bands in the profile
 */
export function violationsOf({ sum, saturated }: Looked, profile: BandProfile, of: number): Violation[] {
  const values = valuesIn(sum);
  if (values === 0) return ['missing band'];
  const alpha = ALPHA / of;
  const isTooMuch = (share: number, allowed: number) => chanceOfShare(share, allowed, sum.chips) < alpha;
  const { nodata, saturated: full, outside } = allowedShares(profile);
  const broken: Record<Violation, boolean> = {
    'missing band': false,
    'constant band': sum.minimum === sum.maximum && profile.deviation > 0 && chanceOfOneBin(sum, profile) < alpha,
    'nodata share': isTooMuch(nodataShare(sum), nodata),
    'saturated share': isTooMuch(saturated / values, full),
    'new range': isTooMuch(outsideShare(sum), outside),
  };
  return VIOLATIONS.filter((name) => broken[name]);
}

/** The value from which a band counts as saturated: the profile's, else the largest of its type; null if none is. */
export const saturationOf = (dataType: DataType, limits: BandProfile['limits']): number | null =>
  limits?.saturatedAt === undefined ? largestOf(dataType) : limitIn(dataType, limits.saturatedAt);

/** Returns the largest shares that break no rule, not counting chance. */
export const allowedShares = ({ nodata = 0, saturated = 0, limits }: BandProfile) => ({
  nodata: nodata + (limits?.nodata ?? SHARE_LIMITS.nodata),
  saturated: saturated + (limits?.saturated ?? SHARE_LIMITS.saturated),
  outside: limits?.outside ?? SHARE_LIMITS.outside,
});

export const nodataShare = (sum: BandSum): number => sum.nodata / (sum.nodata + valuesIn(sum));

export const outsideShare = (sum: BandSum): number => (sum.counts[0]! + sum.counts.at(-1)!) / valuesIn(sum);

/**
 * Returns an upper bound for the probability of a mean of at least `share` over `chips` independent shares whose
 * expectation is `allowed`: exp(−n · (s ln(s/a) + (1 − s) ln((1 − s)/(1 − a)))). W. Hoeffding, JASA 58 (1963) 13, theorem
 * 1, for any distribution of the shares. 1 if the mean does not exceed what is allowed.
 */
export function chanceOfShare(share: number, allowed: number, chips: number): number {
  if (share <= allowed) return 1;
  const term = (a: number, b: number) => (a === 0 ? 0 : a * Math.log(a / b));
  return Math.exp(-chips * (term(share, allowed) + term(1 - share, 1 - allowed)));
}

/** Returns how likely all values of this many chips fall into one bin of the profile by chance, as equal values do. */
function chanceOfOneBin({ chips }: BandSum, { counts, valuesPerChip }: BandProfile): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count) => sum + (count / total) ** (chips * valuesPerChip), 0);
}
