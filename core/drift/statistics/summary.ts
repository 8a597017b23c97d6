export type Summary = ReturnType<typeof summarise>;

/**
 * What is told of any predictions beside the drift score. Null stands where there is nothing to divide by: no chip
 * classified, or none with a finite output.
 *
 * @param counts finite predictions by the names of the reference
 * @param n of how many chips the counts are, where a chip may be counted under several names, or under none
 * @param missing chips classified whose output was not finite
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
    /** Of n, in the order of the counts; a name never predicted has 0. */
    shares: n > 0 ? counts.map((count) => count / n) : null,
    /** Of the chips classified, those whose output was not finite. */
    missingShare: classified > 0 ? missing / classified : null,
  };
};
