/**
 * The embedded stack's own time: the machine's, shifted by a difference that its worker threads share. A demonstration
 * sets it back and lets days go by in seconds; otherwise the difference is zero.
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

export function makeClock(shared: SharedArrayBuffer = makeSharedTime()): Clock {
  const difference = new Float64Array(shared);
  const toOwn = (time: Date) => new Date(time.getTime() + difference[0]!);
  const now = () => toOwn(new Date());
  let steadySince = now();
  return {
    now,
    toOwn,
    set: (time) => {
      difference[0] = time.getTime() - Date.now();
      if (time < steadySince) steadySince = time;
    },
    reset: () => {
      difference[0] = 0;
      steadySince = now();
    },
    steadySince: () => steadySince,
  };
}

/** What the threads of one stack share. */
export function makeSharedTime(): SharedArrayBuffer {
  return new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
}
