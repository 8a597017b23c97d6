import { wilsonInterval } from './wilsonInterval.ts';

/**
 * What is told of predicted classes beside their shares; null where nothing was predicted.
 *
 * @param probabilitySum of the predicted classes' probabilities
 * @example numbersOf({ counts: [3, 1, 0], probabilitySum: 2.8 }) // mostCommonShare 0.75, meanProbability 0.7
 */
export function numbersOf({ counts, probabilitySum }: { counts: readonly number[]; probabilitySum: number }) {
  const n = counts.reduce((sum, count) => sum + count, 0);
  return {
    mostCommonShare: n > 0 ? Math.max(...counts) / n : null,
    meanProbability: n > 0 ? probabilitySum / n : null,
  };
}

/** What is known of right and wrong: how many predictions have a truth, and how many of them are right; null where none has. */
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
 * How far the 95 % interval of accuracy lies below a share: from its upper end, above 0 where chance does not explain it; null where
 * nothing is known of right and wrong.
 *
 * @example shortfallFrom(0.9, { truths: [50, 50], right: [40, 30] }) // 0.119: of 70 % the interval ends at 78.1 %
 */
export function shortfallFrom(expected: number, sum: Parameters<typeof rightOf>[0]): number | null {
  const found = rightOf(sum);
  return found === null ? null : expected - wilsonInterval(found.correct, found.n)[1];
}
