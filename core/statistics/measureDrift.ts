import { chiSquareTest } from './chiSquare.ts';
import { classesInUse } from './classesInUse.ts';
import type { Sizes } from './clustering.ts';
import { jensenShannonDistance } from './jensenShannon.ts';
import { floorOfRare, leastSize, noiseFloor, spreadOfClasses } from './noiseFloor.ts';
import { populationStabilityIndex } from './populationStabilityIndex.ts';
import { isSparse, sparseFloor } from './sparseFloor.ts';
import { VERDICTS, type Verdict } from './verdict.ts';

/**
 * Measures how far the predicted classes have moved from the reference, both given as counts in the same order, and whether
 * that is drift. Null if nothing was predicted. All numbers of the result are finite, whatever the counts.
 * @example measureDrift({ counts: [90, 10], reference: [500, 500] })?.verdict // 'drift'
 */
export function measureDrift({ counts, reference, threshold = 0.25, alpha = 0.01, sizes, ...others }: Compared) {
  const { minimum = 1, isFloorEnough = false, isExact = false, ofVerdict = alpha } = others;
  if (counts.every((count) => count === 0)) return null;
  const used = classesInUse(counts, reference);
  const n = used.observed.total;
  const score = jensenShannonDistance(counts, reference);
  const independent = sizes ?? { n, reference: used.reference.total };
  const spread = spreadOfClasses(used.observed.counts.length);
  const isRare = isExact && sizes === undefined && isSparse(n, reference);
  const rareAt = (of: number) => floorOfRare(used.observed.shares, used.reference.shares, independent, of);
  const floorAt = (of: number) =>
    isRare
      ? sparseFloor(n, reference, of)
      : Math.min(Math.hypot(noiseFloor(independent, spread, of), rareAt(of)), Math.sqrt(Math.LN2));
  const floor = floorAt(alpha);
  const verdict = verdictOf(score, floor, threshold, isFloorEnough);
  const isChance = verdict === 'drift' && score <= floorAt(ofVerdict);
  return {
    /** The score that the verdict is based on. */
    jensenShannon: score,
    chiSquare: chiSquareTest(counts, reference),
    psi: populationStabilityIndex(counts, reference),
    /** The score that chance exceeds in one quiet window of a hundred, at this n. */
    noiseFloor: floor,
    n,
    /** How many independent chips a verdict takes; infinite if the reference is too small for one. Only if `sizes` are given. */
    ...(sizes && {
      least: leastSize(sizes, spread, Math.sqrt(Math.max(0, threshold ** 2 - rareAt(alpha) ** 2)), alpha),
    }),
    verdict: n < minimum || isChance ? 'not enough data' : verdict,
  };
}

type Compared = {
  counts: readonly number[];
  reference: readonly number[];
  threshold?: number;
  /** With fewer predictions the verdict is `not enough data`, whatever the noise floor. */
  minimum?: number;
  /** How often chance may exceed the noise floor. */
  alpha?: number;
  /** How often chance may be behind a verdict of drift; by default as often. */
  ofVerdict?: number;
  /** In independent chips; by default, each counted one is. */
  sizes?: Sizes | undefined;
  /** Whether a score above a noise floor that reaches the threshold is drift. */
  isFloorEnough?: boolean;
  /** Whether the noise floor of independent chips is that of rare classes, where the limiting distribution errs. */
  isExact?: boolean;
};

/** If chance alone can exceed the threshold, a score above it proves nothing; with `isFloorEnough`, it does above both. */
export const verdictOf = (score: number, floor: number, threshold: number, isFloorEnough = false): Verdict => {
  if (isFloorEnough && score > Math.max(floor, threshold)) return 'drift';
  if (!(floor < threshold)) return 'not enough data';
  return score > threshold ? 'drift' : 'no drift';
};

type Labels = Compared & { n: number; total: number };

/**
 * Measures how far the labels of chips have moved from the reference, where a chip may have several labels or none: each
 * label is a distribution of its own, of chips that have it and chips that do not. The result is that of the most
 * significant label: the first of `drift`, `no drift` and `not enough data` that occurs, and among these the highest score.
 * Each label is tested at α divided by the number of labels (Bonferroni), so that chance exceeds any of their noise floors
 * in one quiet window of a hundred.
 * @param counts chips that have each label, of n; the reference likewise, of its total
 * @returns null without chips, or without labels
 */
export function measureLabels({ counts, n, reference, total, alpha = 0.01, ofVerdict = alpha, ...limits }: Labels) {
  const [ofEach, ofEachVerdict] = [alpha, ofVerdict].map((of) => of / Math.max(1, counts.length)) as [number, number];
  const each = counts.flatMap((count, i) => {
    const sides = { counts: [count, n - count], reference: [reference[i]!, total - reference[i]!] };
    return n === 0 ? [] : (measureDrift({ ...sides, ...limits, alpha: ofEach, ofVerdict: ofEachVerdict }) ?? []);
  });
  const rank = ({ verdict }: (typeof each)[number]) => VERDICTS.indexOf(verdict);
  return each.toSorted((a, b) => rank(a) - rank(b) || b.jensenShannon - a.jensenShannon)[0] ?? null;
}
