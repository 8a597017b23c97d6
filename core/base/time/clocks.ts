/**
 * A laptop's clock may be a month ahead, or days behind, until somebody sets it; and an account's machines agree only
 * roughly. A time written by a clock that was ahead is in the future, and says nothing about what happened before it.
 */

/** Correct clocks differ by less. */
const APART_MILLISECONDS = 60_000;

/** Returns whether a time (ISO) is later than any correct clock could have written by now. */
export const isAhead = (time: string, now: Date): boolean => Date.parse(time) > latestWritten(now).getTime();

export const latestWritten = (now: Date): Date => new Date(now.getTime() + APART_MILLISECONDS);

/** Returns whether less than a duration has passed since a time; a time in the future does not count. */
export function isWithin(milliseconds: number, since: Date, now: Date): boolean {
  const elapsed = now.getTime() - since.getTime();
  return elapsed >= 0 && elapsed < milliseconds;
}
