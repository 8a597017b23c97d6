/**
 * A laptop's clock may be a month ahead, or days behind, until somebody sets it right; and an account's machines agree only
 * so far. What was written by a clock that was ahead lies in the future, and says nothing about what is before it.
 */

/** Clocks that are right differ by less. */
const APART_MILLISECONDS = 60_000;

/** Whether a time (ISO) is later than any clock that is right could have written it by now. */
export function isAhead(time: string, now: Date): boolean {
  return Date.parse(time) > latestWritten(now).getTime();
}

/** The latest time that can have been written by now. */
export function latestWritten(now: Date): Date {
  return new Date(now.getTime() + APART_MILLISECONDS);
}

/** Whether less than a time has gone by since something; what lies ahead may have been at any time. */
export function isWithin(milliseconds: number, since: Date, now: Date): boolean {
  const elapsed = now.getTime() - since.getTime();
  return elapsed >= 0 && elapsed < milliseconds;
}
