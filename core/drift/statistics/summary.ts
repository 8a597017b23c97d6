export type Summary = {
  /** Predictions with a finite output. */
  readonly n: number;
  /** Of n, in the order of the counts; a class never predicted has 0. */
  readonly shares: readonly number[] | null;
  readonly mostCommonShare: number | null;
  /** Of the chips classified, those whose output was not finite. */
  readonly missingShare: number | null;
  readonly meanProbability: number | null;
};

/**
 * What is published beside the drift score. Null stands where there is nothing to divide by: no chip classified, or
 * none with a finite output.
 *
 * @param counts finite predictions of each class
 * @param missing chips classified whose output was not finite
 * @param probabilitySum of the predicted classes' probabilities, over the finite predictions
 * @example summarise({ counts: [3, 1, 0], missing: 1, probabilitySum: 2.8 }) // shares [0.75, 0.25, 0], missingShare 0.2
 */
export const summarise = ({
  counts,
  missing,
  probabilitySum,
}: {
  counts: readonly number[];
  missing: number;
  probabilitySum: number;
}): Summary => {
  const n = counts.reduce((sum, count) => sum + count, 0);
  const classified = n + missing;
  return {
    n,
    shares: n > 0 ? counts.map((count) => count / n) : null,
    mostCommonShare: n > 0 ? Math.max(...counts) / n : null,
    missingShare: classified > 0 ? missing / classified : null,
    meanProbability: n > 0 ? probabilitySum / n : null,
  };
};
