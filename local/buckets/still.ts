/** A file is taken when it has not changed for so long: a copy in progress changes it all the time. */
export const STILL_MILLISECONDS = 2000;

/**
 * Whether a file may be in the making. Its own time may be years old, as the copy's source had it; this one may not. It may be
 * later than now, where the clock was ahead when the file came: then it says nothing.
 */
export function isMoving({ ctimeMs }: { ctimeMs: number }, at = Date.now()): boolean {
  return Math.abs(at - ctimeMs) < STILL_MILLISECONDS;
}
