import type { BandProfile } from '../../models/bandProfile.ts';
import { type DataType, largestOf } from '../../models/dataTypes.ts';
import { type BandSum, VIOLATIONS, type Violation, valuesIn } from './bandSum.ts';

/** How often chance may pass a noise floor, or break a rule, of any band of a quiet window. */
export const ALPHA = 0.01;

/**
 * By how much a share may be above that of the profile, where the profile has no `limits` of its own. The reasons are in
 * docs/drift.md.
 */
export const SHARE_LIMITS = { nodata: 0.2, saturated: 0.05, outside: 0.05 } as const;

type Looked = { sum: BandSum; saturated: number };

/**
 * Which rules of data quality the values of a band break, those that a run has looked at. A share breaks its rule where it is
 * so far above what is allowed that chance makes it so, in any band, in fewer than one of a hundred quiet runs of as many chips.
 *
 * @param saturated how many of the values are at `saturationOf` the band or above
 * @param of how many bands there are in the profile
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

/** From which value on a band counts as saturated: what its profile says, else the largest number of its type; null where none is. */
export function saturationOf(dataType: DataType, limits: BandProfile['limits']): number | null {
  return limits?.saturatedAt ?? largestOf(dataType);
}

/** The largest shares that break no rule, if chance is left out. */
export function allowedShares({ nodata = 0, saturated = 0, limits }: BandProfile) {
  return {
    nodata: nodata + (limits?.nodata ?? SHARE_LIMITS.nodata),
    saturated: saturated + (limits?.saturated ?? SHARE_LIMITS.saturated),
    outside: limits?.outside ?? SHARE_LIMITS.outside,
  };
}

export function nodataShare(sum: BandSum): number {
  return sum.nodata / (sum.nodata + valuesIn(sum));
}

export function outsideShare(sum: BandSum): number {
  return (sum.counts[0]! + sum.counts.at(-1)!) / valuesIn(sum);
}

/**
 * The most that the chance of such a mean can be, of as many shares as there are chips, if each is `allowed` on average and drawn
 * by itself: exp(−n · (s ln(s/a) + (1 − s) ln((1 − s)/(1 − a)))). W. Hoeffding, JASA 58 (1963) 13, theorem 1, whatever shares
 * of a chip are like. 1 where it is not above what is allowed.
 */
export function chanceOfShare(share: number, allowed: number, chips: number): number {
  if (share <= allowed) return 1;
  const term = (a: number, b: number) => (a === 0 ? 0 : a * Math.log(a / b));
  return Math.exp(-chips * (term(share, allowed) + term(1 - share, 1 - allowed)));
}

/** How often all the values of so many chips are in one bin of the profile by chance; values that are all alike are. */
function chanceOfOneBin({ chips }: BandSum, { counts, valuesPerChip }: BandProfile): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count) => sum + (count / total) ** (chips * valuesPerChip), 0);
}
