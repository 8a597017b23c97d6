import { inverseUpperGamma } from '../../statistics/incompleteGamma.ts';
import { type MeanOfScenes, marginOfScenes } from '../../statistics/meanOfScenes.ts';
import { turningPoint } from '../../statistics/turningPoint.ts';

/**
 * Over chips with a known truth: how many only the first version has right, how many only the second, and how many chips
 * there are; and the mean difference by scenes, absent if each chip is independent.
 */
export type RightByOne = { first: number; second: number; chips: number; byScenes?: MeanOfScenes };

/**
 * Returns how far the second version's accuracy differs from the first one's, and the lower confidence limit of that
 * difference. Both have classified the same chips, so only chips that exactly one has right count.
 *
 * The limit is the lower end of Tango's score interval of a difference of paired proportions (T. Tango, Statistics in
 * Medicine 17 (1998) 891), one-sided. It holds for few chips and for versions that hardly differ, where the mean and
 * standard deviation of the differences would be too optimistic: for two versions that are right on the same n chips, the
 * limit is -z² / (n + z²) rather than 0. At a difference of 0 its statistic is that of McNemar's test without correction. A
 * version whose limit lies above -x is not worse by x or more: a test of non-inferiority. Where the chips of a scene are alike, the limit by
 * scenes counts if it is lower.
 *
 * @param confidence above 0.5 and below 1
 * @example accuracyDifference({ first: 5, second: 12, chips: 100 }, 0.95) // { difference: 0.07, low: 0.0023 }
 */
export function accuracyDifference({ first, second, chips, byScenes }: RightByOne, confidence: number) {
  const difference = (second - first) / chips;
  const z = Math.sqrt(2 * inverseUpperGamma(0.5, 2 * (1 - confidence))); // its square is chi-square with one degree of freedom
  const low = turningPoint((assumed) => score({ first, second, chips }, assumed) > z, -1, difference);
  const ofScenes = byScenes === undefined ? 1 : Math.max(-1, difference - marginOfScenes(byScenes, confidence));
  return { difference, low: Math.min(low, ofScenes) };
}

/**
 * Returns Tango's statistic: how many standard errors the difference lies above the assumed one, with the maximum
 * likelihood estimate, under that assumption, of the share that only the first has right.
 */
export function score({ first, second, chips }: RightByOne, assumed: number): number {
  const a = 2 * chips;
  const b = -first - second + (2 * chips - second + first) * assumed;
  const c = -first * assumed * (1 - assumed);
  const onlyFirst = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
  const variance = chips * (2 * onlyFirst + assumed * (1 - assumed));
  const off = second - first - chips * assumed;
  if (off === 0) return 0;
  return variance > 0 ? off / Math.sqrt(variance) : Math.sign(off) * Number.POSITIVE_INFINITY;
}
