import { dot, inverse, type Matrix, times } from './inverse.ts';
import { jensenShannonDistance } from './jensenShannon.ts';

/**
 * Estimates the true mix of classes from predictions alone, if chips of a class look as before (label shift): black-box shift estimation (Z. Lipton,
 * Y.-X. Wang and A. Smola, ICML 2018). The predicted shares are C q, with the true shares q and the confusion C, of which each column
 * holds the predictions of a true class. Shares below 0 are taken as 0.
 * @param predicted independent chips of the window by predicted class
 * @param reference the same of the reference
 * @param known independent chips by predicted class (row) and true class (column); a class without any is taken as predicted
 * @returns undefined if the confusion is singular; for each class its share of the window and of the reference, and the standard error of their
 *   difference, of multinomial counts (delta method); `misfit` is the Jensen–Shannon distance that the mix leaves unexplained
 */
export function labelShift(predicted: readonly number[], reference: readonly number[], known: Matrix) {
  const columns = known.map((_, j) => known.map((row) => row[j]!));
  const sizes = columns.map(sum);
  const taken = columns.map((column, j) => (sizes[j] === 0 ? column.map((__, i) => Number(i === j)) : shares(column)));
  const confusion = taken.map((_, i) => taken.map((column) => column[i]!));
  const back = inverse(confusion);
  if (!back.flat().every(Number.isFinite)) return undefined;
  const [now, before] = [shares(predicted), shares(reference)];
  const [mix, usual] = [now, before].map((one) => shares(times(back, one).map((share) => Math.max(0, share))));
  const classes = back.map((row, k) => {
    const ofTruths = taken.map((column, j) => (mix![j]! - usual![j]!) ** 2 * variance(row, column, sizes[j]!));
    const ofBoth = variance(row, now, sum(predicted)) + variance(row, before, sum(reference));
    return { share: mix![k]!, reference: usual![k]!, error: Math.sqrt(ofBoth + sum(ofTruths)) };
  });
  return { classes, misfit: jensenShannonDistance(predicted, times(confusion, mix!)) };
}

/** The variance of a weighted sum of the shares of n draws. */
function variance(weights: readonly number[], of: readonly number[], n: number): number {
  const mean = dot(weights, of);
  return n === 0 ? 0 : weights.reduce((all, weight, i) => all + of[i]! * (weight - mean) ** 2, 0) / n;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const shares = (numbers: readonly number[]): number[] => numbers.map((one) => one / sum(numbers));
