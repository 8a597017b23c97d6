/** After a longer pause, a new version is taken for a replacement, not for the rest of a copy. */
const REPLACED_WITHIN_MILLISECONDS = 3_600_000;
/** No known tool pauses more often than this while it copies. */
const MOST_FORMER = 20;

/**
 * Returns the versions that may be unfinished copies of the one that came at `arrived`: each was replaced by the next
 * within the hour.
 *
 * @param before earlier versions under the same key, newest first
 */
export function replacedSoon<Version extends { arrived: Date }>(before: readonly Version[], arrived: Date): Version[] {
  const found: Version[] = [];
  let next = arrived;
  for (const version of before.slice(0, MOST_FORMER)) {
    if (next.getTime() - version.arrived.getTime() > REPLACED_WITHIN_MILLISECONDS) break;
    found.push(version);
    next = version.arrived;
  }
  return found;
}
