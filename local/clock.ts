/**
 * The embedded stack's own time: the machine's, shifted by a difference that its workers hear of with each message. A
 * demonstration sets it back and lets days go by in seconds; otherwise the difference is zero.
 */
export type Clock = {
  now: () => Date;
  /** A time of the machine's, such as a file's, in the stack's own. */
  toOwn: (time: Date) => Date;
  /** From now on it is `time`, and time goes on from there. */
  set: (time: Date) => void;
  /** The machine's time again. */
  reset: () => void;
  /** Since when it has gone on without being set back or reset: what was silent before then means nothing. */
  steadySince: () => Date;
};

/** How far the stack's time is ahead of the machine's, in milliseconds. */
export type Shift = { ahead: number };

export function makeClock(shift: Shift = { ahead: 0 }): Clock {
  const toOwn = (time: Date) => new Date(time.getTime() + shift.ahead);
  const now = () => toOwn(new Date());
  let steadySince = now();
  return {
    now,
    toOwn,
    set: (time) => {
      shift.ahead = time.getTime() - Date.now();
      if (time < steadySince) steadySince = time;
    },
    reset: () => {
      shift.ahead = 0;
      steadySince = now();
    },
    steadySince: () => steadySince,
  };
}
