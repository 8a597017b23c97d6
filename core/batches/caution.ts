/** How many executions may die on a batch, or on one file by itself, before they are worked on with more caution. */
export const MOST_DEATHS = 2;

/**
 * Returns how many of a batch's files to work on at once, so that a file of which the whole process dies is found: all of
 * them, then half after each further death, then one by one. The first file is given up when as many executions have
 * died while it was worked on by itself.
 * @param died how many executions have died on the batch since it last made progress
 * @param files how many files are left, at least 1
 */
export function cautionOf(died: number, files: number): { size: number; isGivenUp: boolean } {
  const halvings = Math.max(0, died + 1 - MOST_DEATHS);
  const diedBeforeAlone = files === 1 ? 0 : MOST_DEATHS - 1 + Math.ceil(Math.log2(files));
  return { size: Math.ceil(files / 2 ** halvings), isGivenUp: died >= diedBeforeAlone + MOST_DEATHS };
}

/** Returns what counts as `died` when some files have ended, and so many are left: one that is left begins anew. */
export const diedAfterProgress = (died: number, left: number): number => (left > 1 ? Math.min(died, MOST_DEATHS) : 0);
