import { wilsonInterval } from './wilsonInterval.ts';

/**
 * Returns the numbers shown besides the class shares; null if there are no predictions.
 *
 * @param probabilitySum the sum of the predicted classes' probabilities
 * @example numbersOf({ counts: [3, 1, 0], probabilitySum: 2.8 }) // mostCommonShare 0.75, meanProbability 0.7
 */
export function numbersOf({ counts, probabilitySum }: { counts: readonly number[]; probabilitySum: number }) {
  const n = counts.reduce((sum, count) => sum + count, 0);
  return {
    mostCommonShare: n > 0 ? Math.max(...counts) / n : null,
    meanProbability: n > 0 ? probabilitySum / n : null,
  };
}

/** Returns how many predictions have a truth, and how many of them are right; null if none has one. */
export function rightOf({
  truths = [],
  right = [],
}: {
  truths?: readonly number[] | undefined;
  right?: readonly number[] | undefined;
}) {
  const [n, correct] = [truths, right].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [
    number,
    number,
  ];
  return n === 0 ? null : { n, correct, share: correct / n };
}

/**
 * Returns how far the 95 % interval of the accuracy lies below a share, measured from its upper end: above 0 if chance does
 * not explain the difference; null if there are no truths.
 *
 * @example shortfallFrom(0.9, { truths: [50, 50], right: [40, 30] }) // 0.119: the interval of 70 % ends at 78.1 %
 */
export function shortfallFrom(expected: number, sum: Parameters<typeof rightOf>[0]): number | null {
  const found = rightOf(sum);
  return found === null ? null : expected - wilsonInterval(found.correct, found.n)[1];
}
