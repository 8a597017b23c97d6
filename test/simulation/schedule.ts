import type { Random } from '../../replay/sfc32.ts';

/**
 * Time and order of a simulated world. Whatever would wait for the real one waits here instead, and when all that can run
 * has run, the seed decides which of the waiting goes on. Nothing else does, so the same seed makes the same history.
 */
export type Schedule = ReturnType<typeof makeSchedule>;

type Timer = { at: number; nth: number; go: () => void };

/** More than any case takes: whoever gets here goes round in circles. */
const MOST_STEPS = 50_000;

export function makeSchedule(random: Random, start: Date) {
  const waiting: (() => void)[] = [];
  const timers = new Set<Timer>();
  /** The time as it is. */
  let now = start.getTime();
  /** So far ahead of it is the clock that everybody looks at. */
  let ahead = 0;
  let hasJumped = false;
  let nth = 0;
  let steps = 0;
  /** The most milliseconds that a call takes. */
  let pace = 20;

  /** Waits for its turn, which may come before that of who was here earlier. */
  function turn(): Promise<void> {
    return new Promise((resolve) => waiting.push(resolve));
  }

  /** Has something done at its turn. */
  function atTurn(go: () => void): void {
    waiting.push(go);
  }

  /** Has something done in so many milliseconds, unless it is called off. */
  function after(milliseconds: number, go: () => void): () => void {
    const timer = { at: now + milliseconds, nth: nth++, go };
    timers.add(timer);
    return () => void timers.delete(timer);
  }

  function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void after(milliseconds, resolve));
  }

  /** Goes on until nothing waits any more, or until nothing is to be done before some time. */
  async function idle(until?: Date): Promise<void> {
    for (;;) {
      await everythingRan();
      const first = nextTimer();
      const next = first !== undefined && until !== undefined && first.at >= until.getTime() ? undefined : first;
      if (next !== undefined && (next.at <= now || waiting.length === 0)) {
        timers.delete(next);
        now = Math.max(now, next.at);
        next.go();
      } else if (waiting.length > 0) {
        steps += 1;
        if (steps > MOST_STEPS) throw new Error(`The world does not come to rest within ${MOST_STEPS} calls.`);
        now += 1 + Math.floor(random() * pace);
        const chosen = Math.floor(random() * waiting.length);
        const [go] = waiting.splice(chosen, 1);
        go!();
      } else return;
    }
  }

  function nextTimer(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers)
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.nth < next.nth)) next = timer;
    return next;
  }

  return {
    random,
    /** What the clock says. */
    now: () => new Date(now + ahead),
    /** The time as it is, which no clock need say. */
    trueNow: () => new Date(now),
    /** Sets the clock so many milliseconds ahead of the time, or behind it; 0 sets it right. */
    setAhead: (milliseconds: number) => {
      hasJumped ||= milliseconds !== ahead;
      ahead = milliseconds;
    },
    /** Whether the clock was ever set. */
    hasJumped: () => hasJumped,
    turn,
    atTurn,
    after,
    pause,
    idle,
    steps: () => steps,
    setPace: (milliseconds: number) => {
      pace = milliseconds;
    },
    /** Lets time go on to a point that lies ahead, where nothing waits. */
    advanceTo: (time: Date) => {
      now = Math.max(now, time.getTime());
    },
  };
}

/** Node runs every microtask before the next tick's callbacks; the simulated world has nothing but microtasks. */
function everythingRan(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

export function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)]!;
}

/** A number from `least` to below `most`. */
export function between(random: Random, least: number, most: number): number {
  return least + random() * (most - least);
}
