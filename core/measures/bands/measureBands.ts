import type { BandProfile } from '../../package/bandProfile.ts';
import { effectiveChips, effectiveReference } from '../../statistics/clustering.ts';
import { wassersteinDistance } from '../../statistics/histogram.ts';
import { jensenShannonDistance } from '../../statistics/jensenShannon.ts';
import { verdictOf } from '../../statistics/measureDrift.ts';
import { deviationsOfChance, noiseFloor, type Sizes } from '../../statistics/noiseFloor.ts';
import type { Verdict } from '../../statistics/verdict.ts';
import { type BandSum, valuesIn, varianceBetweenChips } from './bandSum.ts';
import { ALPHA } from './violations.ts';

/** A band of a window compared with its profile; scores are null if the window has no value of it. */
export type BandDrift = {
  band: string;
  /** Chips with a value of it. */
  chips: number;
  /** The score that the verdict is based on: the distance between the shares of the bins, from 0 to √ln 2. */
  jensenShannon: number | null;
  /** What chance exceeds for any band in one quiet window of a hundred, with this many chips; null without chips. */
  noiseFloor: number | null;
  /** How far values have moved, in standard deviations of the profile's; null if those are all equal. */
  wasserstein: number | null;
  /** How far their mean has moved, in the same unit. */
  meanShift: number | null;
  /** What chance exceeds for the absolute `meanShift`, likewise; null for fewer than two chips. */
  meanShiftNoise: number | null;
  mean: number | null;
  verdict: Verdict;
};

/** Each band of the package's profile. */
export type JudgedBands = { bandDrift: BandDrift[] };

type Limits = { threshold: number; minimum: number };

/**
 * Compares each band of a window with its profile. Each is tested at α divided by the number of bands (Bonferroni), so that
 * chance exceeds any of their noise floors in one quiet window of a hundred.
 *
 * @param sums in the order of the profile
 * @param scenes the effective number of scenes that they are of; undefined if each chip is independent of the others
 */
export function measureBands(
  sums: readonly BandSum[],
  profile: readonly BandProfile[],
  limits: Limits,
  scenes?: number,
): BandDrift[] {
  const alpha = ALPHA / Math.max(1, profile.length);
  return profile.map((band, i) => measureBand(sums[i]!, band, alpha, limits, scenes));
}

/** Both sides in independent chips. */
function sizesOf(
  chips: number,
  { chips: reference, scenes: clustering }: BandProfile,
  scenes: number | undefined,
): Sizes {
  if (scenes === undefined) return { n: chips, reference };
  return {
    n: effectiveChips(chips, chips ** 2 / scenes, clustering),
    reference: clustering === undefined ? reference : effectiveReference(clustering),
    clustering,
  };
}

function measureBand(
  sum: BandSum,
  profile: BandProfile,
  alpha: number,
  { threshold, minimum }: Limits,
  scenes: number | undefined,
): BandDrift {
  const { name: band, deviation } = profile;
  const { chips, mean } = sum;
  if (valuesIn(sum) === 0)
    return {
      band,
      chips,
      jensenShannon: null,
      noiseFloor: null,
      wasserstein: null,
      meanShift: null,
      meanShiftNoise: null,
      mean: null,
      verdict: 'not enough data',
    };
  const [counts, reference] = [judgedBins(sum.counts), judgedBins([0, ...profile.counts, 0])];
  const jensenShannon = jensenShannonDistance(counts, reference);
  const sizes = sizesOf(chips, profile, scenes);
  const { counts: bins, valuesPerChip, degreesOfFreedom } = profile;
  const floor = noiseFloor(sizes, { sum: (bins.length - 1) / valuesPerChip, degreesOfFreedom }, alpha);
  const inDeviations = (distance: number | null) =>
    distance === null || deviation === 0 ? null : distance / deviation;
  const between = varianceBetweenChips(sum);
  const error = between === null ? null : Math.sqrt(between / sizes.n + profile.betweenChips ** 2 / sizes.reference);
  return {
    band,
    chips,
    jensenShannon,
    noiseFloor: floor,
    wasserstein: inDeviations(
      wassersteinDistance(sum.counts, { edges: profile.edges, counts: [0, ...profile.counts, 0] }),
    ),
    meanShift: inDeviations(mean - profile.mean),
    meanShiftNoise: inDeviations(error && error * deviationsOfChance(sizes, alpha)),
    mean,
    verdict: chips < minimum ? 'not enough data' : verdictOf(jensenShannon, floor, threshold),
  };
}

/**
 * Returns the bins whose shares are compared. Values outside the profile's range count towards its outermost bins, so that
 * each bin has an expected share; if the profile's values were all equal, they have bins of their own.
 *
 * @param counts values below, in the profile's bins, and above
 */
export function judgedBins(counts: readonly number[]): number[] {
  if (counts.length <= 3) return [...counts];
  const inner = counts.slice(1, -1);
  inner[0]! += counts[0]!;
  inner[inner.length - 1]! += counts.at(-1)!;
  return inner;
}

/** Returns the largest distance among bands with enough data; null if there is none. */
export function strongestDrift(bands: readonly BandDrift[] = []): number | null {
  const scores = bands.flatMap(({ verdict, jensenShannon }) =>
    verdict === 'not enough data' ? [] : [jensenShannon ?? 0],
  );
  return scores.length === 0 ? null : Math.max(...scores);
}
