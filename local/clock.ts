/**
 * The embedded stack's own time: the machine's, shifted by a difference that its workers hear of with each message. A
 * demonstration sets it back and lets days go by in seconds; otherwise the difference is zero.
 */
export type Clock = ReturnType<typeof makeClock>;

/** The machine's clock may run faster or slower than it should, and be brought into line, by much less than this at once. */
const JUMP_MILLISECONDS = 60_000;

/** How far the stack's time is ahead of the machine's, in milliseconds. */
export type Shift = { ahead: number };

export function makeClock(shift: Shift = { ahead: 0 }, elapsed = () => performance.now()) {
  const toOwn = (time: Date) => new Date(time.getTime() + shift.ahead);
  const now = () => toOwn(new Date());
  let steadySince = now();
  /** When, by the machine's clock, the time began to elapse: it stays the same, but for jumps. */
  const began = () => Date.now() - elapsed();
  let steadilyBegan = began();
  return {
    now,
    /** A time of the machine's, such as a file's, in the stack's own. */
    toOwn,
    /** From now on it is `time`, and time goes on from there. */
    set: (time: Date): void => {
      shift.ahead = time.getTime() - Date.now();
      if (time < steadySince) steadySince = time;
    },
    /** The machine's time again. */
    reset: (): void => {
      shift.ahead = 0;
      steadySince = now();
    },
    /**
     * Since when it has gone on without being set back or reset, and the machine neither slept nor was its clock set: what was
     * silent before then means nothing. To be asked now and then.
     */
    steadySince: (): Date => {
      const hasJumped = Math.abs(began() - steadilyBegan) > JUMP_MILLISECONDS;
      steadilyBegan = began();
      if (hasJumped) steadySince = now();
      return steadySince;
    },
  };
}

/** When a file came whose time the machine gave it: as the clock may have been ahead then, not later than now. */
export function cameAt(time: Date, { toOwn }: Pick<Clock, 'toOwn'>): Date {
  return toOwn(new Date(Math.min(time.getTime(), Date.now())));
}
