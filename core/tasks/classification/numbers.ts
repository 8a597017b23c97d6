import type { PackageFacts } from '../../package/facts.ts';
import { studentT } from '../../statistics/fQuantile.ts';
import { meanOfScenes, type SceneProducts } from '../../statistics/meanOfScenes.ts';
import { total } from '../confusion.ts';

/**
 * Returns the numbers shown besides the class shares; null if there are no predictions.
 *
 * @param probabilitySum the sum of the predicted classes' probabilities
 * @example numbersOf({ counts: [3, 1, 0], probabilitySum: 2.8 }) // mostCommonShare 0.75, meanProbability 0.7
 */
export function numbersOf({ counts, probabilitySum }: { counts: readonly number[]; probabilitySum: number }) {
  const n = total(counts);
  return {
    mostCommonShare: n > 0 ? Math.max(...counts) / n : null,
    meanProbability: n > 0 ? probabilitySum / n : null,
  };
}

/** Returns how many predictions have a truth, and how many of them are right; null if none has one. */
export function rightOf({ truths = [], right = [] }: Truths) {
  const [n, correct] = [total(truths), total(right)];
  return n === 0 ? null : { n, correct, share: correct / n };
}

type Truths = { truths?: readonly number[] | undefined; right?: readonly number[] | undefined };

/** Predictions with a known truth, and how many of them are right. */
type Right = { n: number; correct: number };
/** How right predictions vary between scenes, if the sum is of several. */
type OfScenes = { truthScenes?: SceneProducts | undefined };
type Model = Partial<Pick<PackageFacts, 'unit' | 'expectedAccuracy' | 'heldOut'>>;

/**
 * Returns the 95 % interval of the share of right predictions: Wilson's. Where the chips of a scene are alike, it is that of as many
 * independent chips as have its standard error by scenes, with the quantile of Student's t: E. L. Korn and B. I. Graubard, Survey Methodology 24
 * (1998) 193. A single scene does not show how scenes differ: 0 to 1.
 */
export function intervalOfRight({ n, correct }: Right, { truthScenes }: OfScenes, { unit }: Model): [number, number] {
  if (unit !== 'scene' || truthScenes === undefined) return wilsonInterval(correct, n);
  const { mean, error, scenes } = meanOfScenes({ n, sum: correct }, truthScenes);
  if (error === null || scenes <= 1) return [0, 1];
  const independent = error === 0 ? scenes : Math.min(n, (mean * (1 - mean)) / error ** 2);
  return wilson(mean, independent, studentT(0.975, scenes - 1));
}

/**
 * Returns how far an accuracy lies below the expected one, less what chance explains at 95 %: above 0 if it is missed. The expected
 * accuracy is as uncertain as the held-out data that it was found on, if the package says how many those were: R. G. Newcombe, Statistics in
 * Medicine 17 (1998) 873, method 10. Null without an expectation.
 *
 * @example shortfallOf({ n: 100, correct: 70 }, [0.604, 0.781], { expectedAccuracy: 0.9 }) // 0.119
 */
export function shortfallOf({ n, correct }: Right, [, high]: readonly number[], model: Model): number | null {
  const { expectedAccuracy: expected, heldOut } = model;
  if (expected === undefined) return null;
  if (heldOut === undefined) return expected - high!;
  const share = correct / n;
  const [least] = wilson(expected, heldOut.chips, Z);
  return expected - share - Math.hypot(high! - share, expected - least);
}

/** The 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * Returns Wilson's score interval of a share at 95 % (E. B. Wilson, JASA 22 (1927) 209), which also holds for small n and
 * for shares near 0 and 1. Equals statsmodels' `proportion_confint(correct, n, method='wilson')`.
 *
 * @param n above 0
 * @example wilsonInterval(8, 10) // [0.4902, 0.9433]
 */
export const wilsonInterval = (correct: number, n: number): [low: number, high: number] => wilson(correct / n, n, Z);

function wilson(share: number, n: number, z: number): [low: number, high: number] {
  const middle = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
