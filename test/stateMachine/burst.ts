/**
 * A burst of files, as a queue: what Lambda has room for runs, and everything else tries again as the definition's Retry
 * says. A model in its own time, so that hours of it take a second.
 */

/** The Retry that answers throttling, as it stands in the definition. */
export type Throttling = { IntervalSeconds: number; MaxAttempts: number; BackoffRate: number; MaxDelaySeconds: number };

export type Burst = {
  files: number;
  /** They arrive at random moments within so many seconds. */
  withinSeconds: number;
  /** So many invocations are under way at once, of all functions together. */
  concurrency: number;
  /** What each file goes through, one after the other. */
  steps: { retry: Throttling; seconds: number }[];
  /** What else needs room at the same time: it comes and goes as the files do. */
  beside?: Pick<Burst, 'files' | 'withinSeconds' | 'steps'>;
  /** From 0 to 1, as Math.random. */
  random: () => number;
};

export type Drained = {
  done: number;
  failed: number;
  /** When the last one was done, counted from the first arrival. */
  seconds: number;
  /** Tries that Lambda had no room for: each is a transition that is paid for. */
  retries: number;
  /** The most of them that one step of one file needed. */
  mostRetries: number;
};

type Moment = { at: number; step: number; tries: number; isEnd: boolean; isBeside: boolean };

/** Plays a burst to its end. */
export function drain({ concurrency, random, beside, ...own }: Burst): Drained {
  const agenda = makeAgenda();
  for (const kind of [own, ...(beside === undefined ? [] : [beside])])
    for (let file = 0; file < kind.files; file += 1)
      agenda.add({ at: random() * kind.withinSeconds, step: 0, tries: 0, isEnd: false, isBeside: kind === beside });
  const drained = { done: 0, failed: 0, seconds: 0, retries: 0, mostRetries: 0 };
  let running = 0;
  for (let now = agenda.next(); now !== undefined; now = agenda.next()) {
    const { at, step, tries, isEnd, isBeside } = now;
    const { steps } = isBeside ? beside! : own;
    if (isEnd) {
      running -= 1;
      if (step + 1 < steps.length) agenda.add({ at, step: step + 1, tries: 0, isEnd: false, isBeside });
      else {
        drained.done += 1;
        drained.seconds = at;
      }
      continue;
    }
    const { retry, seconds } = steps[step]!;
    if (running < concurrency) {
      running += 1;
      agenda.add({ at: at + seconds, step, tries, isEnd: true, isBeside });
    } else if (tries === retry.MaxAttempts) drained.failed += 1;
    else {
      drained.retries += 1;
      drained.mostRetries = Math.max(drained.mostRetries, tries + 1);
      agenda.add({ at: at + random() * delayOf(retry, tries), step, tries: tries + 1, isEnd: false, isBeside });
    }
  }
  return drained;
}

/** The longest wait before a retry; full jitter takes any moment up to it. */
function delayOf({ IntervalSeconds, BackoffRate, MaxDelaySeconds }: Throttling, tries: number): number {
  return Math.min(IntervalSeconds * BackoffRate ** tries, MaxDelaySeconds);
}

/** What is to come, the earliest first: a binary heap. */
function makeAgenda() {
  const heap: Moment[] = [];

  function swap(a: number, b: number): void {
    [heap[a], heap[b]] = [heap[b]!, heap[a]!];
  }

  function add(moment: Moment): void {
    heap.push(moment);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.at <= heap[i]!.at) return;
      swap(i, parent);
      i = parent;
    }
  }

  function next(): Moment | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let i = 0; ; ) {
      let child = 2 * i + 1;
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child += 1;
      if (child >= heap.length || heap[child]!.at >= last.at) return first;
      swap(i, child);
      i = child;
    }
  }

  return { add, next };
}
