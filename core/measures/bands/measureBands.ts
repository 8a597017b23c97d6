import type { BandMeans, BandProfile } from '../../package/bandProfile.ts';
import { EFFECT, type Effect } from '../../package/chance.ts';
import type { PackageFacts } from '../../package/facts.ts';
import { type Sizes, sizesOfScenes } from '../../statistics/clustering.ts';
import { type ExpectedMean, expectedMeans } from '../../statistics/expectedMeans.ts';
import { wassersteinDistance } from '../../statistics/histogram.ts';
import { jensenShannonDistance } from '../../statistics/jensenShannon.ts';
import { verdictOf } from '../../statistics/measureDrift.ts';
import { deviationsOfChance, floorOfEqual, noiseFloor } from '../../statistics/noiseFloor.ts';
import type { Verdict } from '../../statistics/verdict.ts';
import { alphaOf, alphaOfVerdict, type Watched } from '../chanceOfVerdict.ts';
import type { VerdictLimits } from '../expected.ts';
import { type BandSum, valuesIn, varianceBetweenChips } from './bandSum.ts';

/** A band of a window compared with its profile; scores are null if the window has no value of it. */
export type BandDrift = {
  band: string;
  /** Chips with a value of it. */
  chips: number;
  /** The distance between the shares of the bins, from 0 to √ln 2. */
  jensenShannon: number | null;
  /** What chance exceeds for any band in at most one quiet window of a hundred, with this many chips; null without chips. */
  noiseFloor: number | null;
  /** How far values have moved, in standard deviations of the profile's; null if those are all equal. */
  wasserstein: number | null;
  /** How far their mean has moved, in the same unit. */
  meanShift: number | null;
  /** What chance exceeds for the absolute `meanShift`, likewise; null for fewer than two independent chips. */
  meanShiftNoise: number | null;
  mean: number | null;
  /** The mean that the window's other bands let expect; null if the package does not say. */
  expectedMean: number | null;
  /** By how much chance makes the mean differ from that, likewise. */
  expectedMeanNoise: number | null;
  /** `jensenShannon`; of a band that drifts by its mean alone, the threshold times how much more that has moved than is allowed. */
  score: number | null;
  verdict: Verdict;
};

export type JudgedBands = { bandDrift: BandDrift[] };

type Expected = Watched &
  Partial<Pick<PackageFacts, 'bandMeans' | 'effect' | 'clustering'>> & { profile: readonly BandProfile[] };

/**
 * Compares each band of a window with its profile. What is left to chance is divided by the number of bands (Bonferroni), so that chance
 * exceeds the noise floor of any of them in no more quiet windows than `alphaOf` says.
 * @param sums in the order of the profile
 * @param scenes the effective number of scenes that they are of; undefined if each chip is independent of the others
 */
export function measureBands(sums: readonly BandSum[], model: Expected, limits: VerdictLimits, scenes?: number) {
  const { profile, bandMeans, effect = EFFECT } = model;
  const unit = scenes === undefined ? 'chip' : 'scene';
  const [alpha, ofVerdict] = [alphaOf, alphaOfVerdict].map(
    (of) => of({ ...model, unit }, limits, scenes) / Math.max(1, profile.length),
  ) as [number, number];
  const found = bandMeans && expectedOfBands(sums, bandMeans, ofVerdict, scenes);
  const most = Math.max(...sums.map(({ chips }) => chips));
  return profile.map((band, i) => {
    const own = scenes && Math.max(1, (scenes * sums[i]!.chips) / most); // scenes may lack a band
    return measureBand(
      sums[i]!,
      band,
      { alpha, ofVerdict, scenes: own, effect, ...limits },
      found?.[bandMeans!.bands.indexOf(i)],
    );
  });
}

/** Returns what the other bands of a window let expect of each; undefined if a tenth of the chips have values of some of them alone. */
function expectedOfBands(sums: readonly BandSum[], { bands, ...joint }: BandMeans, alpha: number, scenes?: number) {
  const each = bands.map((band) => sums[band]!.chips);
  const [chips, most] = [Math.min(...each), Math.max(...each)];
  const means = bands.map((band) => sums[band]!.chipMean);
  return chips > 0.9 * most ? expectedMeans(joint, means, { scenes: scenes ?? chips, chips }, alpha) : undefined;
}

type Judging = VerdictLimits & { alpha: number; ofVerdict: number; scenes: number | undefined; effect: Effect };

function measureBand(sum: BandSum, profile: BandProfile, judging: Judging, expected?: ExpectedMean): BandDrift {
  const { alpha, ofVerdict, scenes, effect, threshold, minimum, share } = judging;
  const { name: band, deviation } = profile;
  const { chips, mean } = sum;
  if (valuesIn(sum) === 0)
    return {
      ...{ band, chips, jensenShannon: null, noiseFloor: null, wasserstein: null },
      ...{ meanShift: null, meanShiftNoise: null, mean: null, expectedMean: null, expectedMeanNoise: null },
      ...{ score: null, verdict: 'not enough data' },
    };
  const histogram = { edges: profile.edges, counts: [0, ...profile.counts, 0] };
  const [counts, reference] = [judgedBins(sum.counts), judgedBins(histogram.counts)];
  const jensenShannon = jensenShannonDistance(counts, reference);
  const { counts: bins, valuesPerChip, degreesOfFreedom } = profile;
  const isOneBin = bins.length === 1;
  const alike = profile.scenes && isOneBin ? { ...profile.scenes, exponent: 0 } : profile.scenes; // shares of one bin do not show how alike
  const ofChips: Sizes = { n: chips, reference: profile.chips };
  const sizes = scenes === undefined ? ofChips : sizesOfScenes(chips, chips ** 2 / scenes, profile.chips, alike);
  const spread = { sum: (bins.length - 1) / valuesPerChip, degreesOfFreedom };
  const floorAt = (of: number) => (isOneBin ? floorOfEqual(sizes, of) : noiseFloor(sizes, spread, of));
  const floor = floorAt(alpha);
  const inDeviations = (distance: number | null) =>
    distance === null || deviation === 0 ? null : distance / deviation;
  const error = errorOfMean(sum, profile, sizes, scenes);
  const meanShift = inDeviations(mean - profile.mean);
  const byChance = (of: number) => error && error * deviationsOfChance(sizes, of);
  const ofScenes = (expected?.noiseAlone ?? byChance(alpha) ?? 0) * (profile.wider ?? 1);
  const noiseAt = (of: number) => inDeviations(scenes === undefined ? byChance(of) : ofScenes);
  const shifted = beyond(meanShift, noiseAt(ofVerdict)) / effect.meanShift;
  // A band whose mean is near 0, such as one of logarithms, is measured by its deviation.
  const unit = expected && Math.max(Math.abs(expected.expected), deviation);
  const unexpected = expected ? sum.chipMean - expected.expected : null; // of the mean of the chips that have values
  const gained = expected && unit ? beyond(unexpected, expected.noise) / unit / effect.gain : 0;
  const moved = threshold * Math.max(shifted, gained);
  const isFloorEnough = scenes !== undefined || share !== undefined;
  const byShares = verdictOf(jensenShannon, floor, threshold, isFloorEnough);
  const isChance = !isFloorEnough && byShares === 'drift' && floorAt(ofVerdict) >= threshold; // bins of few values are further by chance than the floor says
  const verdict = isChance ? 'not enough data' : byShares;
  const isMoved = verdict !== 'drift' && moved > threshold;
  return {
    band,
    chips,
    jensenShannon,
    noiseFloor: floor,
    wasserstein: inDeviations(wassersteinDistance(sum.counts, histogram)),
    meanShift,
    meanShiftNoise: noiseAt(alpha),
    mean,
    expectedMean: unexpected === null ? null : mean - unexpected,
    expectedMeanNoise: expected?.noise ?? null,
    score: isMoved ? moved : jensenShannon,
    verdict: chips < minimum ? 'not enough data' : isMoved ? 'drift' : verdict,
  };
}

/**
 * Returns the standard error of the difference of the means: by the chips' means of both sides if chips are independent, but those of the window vary at
 * least as much as the reference's: of a few chips, the variance misses a tail, just when that draws the mean away. The chips of few scenes are more
 * alike than those of all, so that scenes are taken to vary as the reference's chips do.
 */
function errorOfMean(sum: BandSum, { betweenChips, chips }: BandProfile, { reference }: Sizes, scenes?: number) {
  if (scenes !== undefined) return betweenChips * Math.sqrt(1 / scenes + 1 / reference);
  const between = varianceBetweenChips(sum);
  if (between === null) return null;
  return Math.sqrt(Math.max(between, betweenChips ** 2) / sum.chips + betweenChips ** 2 / chips);
}

const beyond = (difference: number | null, noise: number | null): number =>
  difference === null || noise === null || Math.abs(difference) <= noise ? 0 : Math.abs(difference);

/**
 * Returns the bins whose shares are compared. Values outside the profile's range count towards its outermost bins, so that each bin has an expected share;
 * if the profile's values were all equal, they have bins of their own.
 * @param counts values below, in the profile's bins, and above
 */
export function judgedBins(counts: readonly number[]): number[] {
  if (counts.length <= 3) return [...counts];
  const inner = counts.slice(1, -1);
  inner[0]! += counts[0]!;
  inner[inner.length - 1]! += counts.at(-1)!;
  return inner;
}

/** Returns the largest score among bands with enough data; null if there is none. */
export function strongestDrift(bands: readonly BandDrift[] = []): number | null {
  const scores = bands.flatMap(({ verdict, score }) => (verdict === 'not enough data' ? [] : [score ?? 0]));
  return scores.length === 0 ? null : Math.max(...scores);
}
