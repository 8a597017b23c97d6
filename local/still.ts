/** A file is taken when it has not changed for so long: a copy in progress changes it all the time. */
export const STILL_MILLISECONDS = 2000;

/** Whether a file may be in the making. Its own time may be years old, as the copy's source had it; this one may not. */
export function isMoving({ ctimeMs }: { ctimeMs: number }, at = Date.now()): boolean {
  return at - ctimeMs < STILL_MILLISECONDS;
}
