/** The stack's clock: the machine's, shifted by an offset that workers receive with messages. A demonstration sets it back. */
export type Clock = ReturnType<typeof makeClock>;

/** Smaller differences are corrections of the machine's clock, larger ones are jumps. */
const JUMP_MILLISECONDS = 60_000;

/** How far the stack's time is ahead of the machine's, in milliseconds. */
export type Shift = { ahead: number };

export function makeClock(shift: Shift = { ahead: 0 }, elapsed = () => performance.now()) {
  const toOwn = (time: Date) => new Date(time.getTime() + shift.ahead);
  const now = () => toOwn(new Date());
  let steadySince = now();
  /** The machine's time at which the monotonic clock was zero: constant, except for jumps. */
  const began = () => Date.now() - elapsed();
  let steadilyBegan = began();
  return {
    now,
    /** Converts a time of the machine, such as a file's, into the stack's time. */
    toOwn,
    set: (time: Date): void => {
      shift.ahead = time.getTime() - Date.now();
      if (time < steadySince) steadySince = time;
    },
    reset: (): void => {
      shift.ahead = 0;
      steadySince = now();
    },
    /** Since when the clock has run without being set or sleeping: data missing before mean nothing. Call it now and then. */
    steadySince: (): Date => {
      const hasJumped = Math.abs(began() - steadilyBegan) > JUMP_MILLISECONDS;
      steadilyBegan = began();
      if (hasJumped) steadySince = now();
      return steadySince;
    },
  };
}

/** The arrival time of a file from the machine's time, but not later than now, as the clock may have been ahead. */
export const cameAt = (time: Date, { toOwn }: Pick<Clock, 'toOwn'>): Date =>
  toOwn(new Date(Math.min(time.getTime(), Date.now())));
