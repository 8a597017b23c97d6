export type Summary = ReturnType<typeof summarise>;

/**
 * Returns the numbers shown besides the drift score for predictions of any task. Null stands for a division by zero: no
 * chip was classified, or none with a finite output.
 *
 * @param counts finite predictions by the names of the reference
 * @param n the number of chips behind the counts, if a chip may have several names or none
 * @param missing classified chips whose output was not finite
 * @example summarise([3, 1, 0], 1) // n 4, shares [0.75, 0.25, 0], missingShare 0.2
 */
export const summarise = (
  counts: readonly number[],
  missing: number,
  n = counts.reduce((sum, count) => sum + count, 0),
) => {
  const classified = n + missing;
  return {
    n,
    /** Shares of n, in the order of the counts; 0 for a name that was never predicted. */
    shares: n > 0 ? counts.map((count) => count / n) : null,
    /** The share of classified chips whose output was not finite. */
    missingShare: classified > 0 ? missing / classified : null,
  };
};
