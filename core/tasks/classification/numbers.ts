import type { PackageFacts } from '../../package/facts.ts';
import { estimateAccuracy } from '../../statistics/calibration/estimateAccuracy.ts';
import { total } from '../confusion.ts';

type Predicted = { counts: readonly number[]; probabilitySum: number; unsure?: number | undefined };

/**
 * Returns the numbers shown besides the class shares; null if there are no predictions.
 * @param probable how many predictions `probabilitySum`, the sum of the predicted classes' probabilities, is over
 * @example numbersOf({ counts: [3, 1, 0], probabilitySum: 2.8 }) // mostCommonShare 0.75, meanProbability 0.7
 */
export function numbersOf({ counts, probabilitySum, unsure }: Predicted, probable = total(counts)) {
  const n = total(counts);
  return {
    mostCommonShare: n > 0 ? Math.max(...counts) / n : null,
    meanProbability: probable > 0 ? probabilitySum / probable : null,
    ...(n > 0 && unsure !== undefined && { unsureShare: unsure / n }),
  };
}

/** Estimates a window's accuracy without truths; null if a package does not say how many held-out chips were right. */
export const estimateOf = ({ counts, probabilitySum }: Predicted, { heldOut }: Pick<PackageFacts, 'heldOut'>) =>
  heldOut === undefined ? null : estimateAccuracy({ n: total(counts), probabilitySum }, heldOut);

/** Returns how many predictions have a truth, and how many of them are right; null if none has one. */
export function rightOf({ truths = [], right = [] }: Truths) {
  const [n, correct] = [total(truths), total(right)];
  return n === 0 ? null : { n, correct, share: correct / n };
}

type Truths = { truths?: readonly number[] | undefined; right?: readonly number[] | undefined };

/**
 * Returns Wilson's score interval of a share (E. B. Wilson, JASA 22 (1927) 209), which also holds for small n and
 * for shares near 0 and 1. Equals statsmodels' `proportion_confint(correct, n, method='wilson')`.
 * @param n above 0
 * @param z the deviations on either side, such as `Z` for 95 %; infinite ones say nothing: 0 to 1
 * @example wilson(0.8, 10, Z) // [0.4902, 0.9433]
 */
export function wilson(share: number, n: number, z: number): [low: number, high: number] {
  const weight = n / z ** 2;
  const middle = (weight * share + 1 / 2) / (weight + 1);
  const half = Math.sqrt(weight * share * (1 - share) + 1 / 4) / (weight + 1);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
