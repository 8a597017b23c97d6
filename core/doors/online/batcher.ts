import type { Plane } from '../../arrays/dataTypes.ts';
import { makeBatches } from '../../inference/batch.ts';
import { decode } from '../../inference/predict.ts';
import type { Values } from '../../package/carry.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { type Engine, NOT_LOADED } from './engine.ts';
import { nobodyWaits, TooBusy } from './http.ts';

/** A chip's prediction: its index among the values of its batch and, for pixel models, the planes of its map. */
export type Prediction = { readonly values: Values; readonly at: number; readonly planes: readonly Plane[] | null };
/** A prediction, or why the model failed on this chip alone. */
export type Outcome = Prediction | { readonly error: Error };

/** `seconds` is what the model took, with the way to its thread and back; `failure` is the name of an error. */
export type Batched = { chips: number; waitedSeconds: number; seconds: number; failure: string | null };

type Job = {
  /** None, if it waits for an engine of its own. */
  readonly chips: readonly Chip[];
  readonly outcomes: Outcome[];
  readonly since: number;
  /** The number of its chips that have not been in a batch; of one without chips, 1. */
  waits: number;
  /** The number of its chips without an outcome. */
  left: number;
  isOver: boolean;
  isGone(): boolean;
  end(own?: State): void;
  giveUp(why: Error): void;
};
type State = { readonly engine: Engine; isBusy: boolean; isSoonFree: boolean; restsUntil: number };
type Taken = { readonly job: Job; readonly place: number; readonly failures: number };

/** How often a chip is tried: an engine may fail for a reason of its own, and so may the next. */
const ATTEMPTS = 3;
/** How long a failed engine is not used while there are others. */
const REST_MILLISECONDS = 1000;

export type Batcher = ReturnType<typeof makeBatcher>;

/**
 * Groups waiting chips of all requests into batches: an idle engine takes what is there, and while all are busy, chips
 * accumulate. Chips of a failed batch are retried one by one, so that only the one that makes the model fail is affected.
 * @param onBatch called after each batch has run
 */
export function makeBatcher(
  model: ModelPackage,
  engines: readonly Engine[],
  { maxBatch }: { maxBatch: number },
  onBatch: (batch: Batched) => void = () => {},
) {
  const most = Math.max(1, Math.min(maxBatch, model.batchSize));
  const batches = makeBatches(model); // in memory that can be transferred to a thread
  const states = engines.map((engine): State => ({ engine, isBusy: false, isSoonFree: false, restsUntil: 0 }));
  const jobs: Job[] = [];
  /** Chips of failed batches; each is alone in its next batch. */
  let failed: Taken[] = [];
  let waiting = 0;
  let isScheduled = false;

  /**
   * Predicts each of a request's chips. How many may wait is for callers to limit.
   * @throws {TooBusy} when they are not done within `seconds`, or the server is stopping
   * @throws {Problem} when the client has gone
   * @throws {Error} why the model cannot be loaded
   */
  async function predict(chips: readonly Chip[], seconds: number, isGone?: () => boolean): Promise<readonly Outcome[]> {
    return chips.length === 0 ? [] : (await inLine(chips, seconds, isGone)).outcomes;
  }

  /** Waits in the same line for an engine, which runs nothing else until it is disposed of. Throws as `predict` does. */
  async function ownEngine(seconds: number, isGone?: () => boolean): Promise<Disposable & { readonly engine: Engine }> {
    const state = (await inLine([], seconds, isGone)).own!;
    const free = () => {
      state.isBusy = false;
      dispatch();
    };
    return { engine: state.engine, [Symbol.dispose]: free };
  }

  function inLine(chips: readonly Chip[], seconds: number, isGone = () => false) {
    const { promise, resolve, reject } = Promise.withResolvers<Pick<Job, 'outcomes'> & { own?: State | undefined }>();
    const outcomes: Outcome[] = [];
    const giveUp = (why: Error) => {
      forget(job);
      reject(why);
    };
    const counts = { waits: Math.max(1, chips.length), left: chips.length };
    const end = (own?: State) => resolve({ outcomes, own });
    const job: Job = { chips, outcomes, since: performance.now(), ...counts, isOver: false, isGone, end, giveUp };
    jobs.push(job);
    waiting += job.waits;
    schedule();
    const late = `The model had no answer within ${seconds} s. Try again, with fewer inputs if there were many.`;
    const overdue = setTimeout(() => giveUp(new TooBusy(late, 'timeout')), seconds * 1000);
    return promise.finally(() => clearTimeout(overdue));
  }

  /** Runs after all requests that have come in by now, so that concurrent arrivals share a batch. */
  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      dispatch();
    });
  }

  function dispatch(): void {
    for (;;) {
      const idle = idleOnes();
      if (idle.length > 0) while (jobs[0]?.isGone()) jobs[0].giveUp(nobodyWaits());
      if (waiting === 0 || idle.length === 0) return;
      const light = states.find(({ engine }) => engine.isLight?.(waiting));
      if (light?.isSoonFree) return;
      const isFree = light !== undefined && idle.includes(light);
      const state = isFree ? light : idle[0]!;
      if (failed.length === 0 && jobs[0]!.chips.length === 0) {
        state.isBusy = true;
        waiting -= 1;
        jobs.shift()!.end(state);
      } else void work(state, takeBatch(isFree ? 1 : idle.length));
    }
  }

  function forget(job: Job): void {
    job.isOver = true;
    const place = jobs.indexOf(job);
    if (place >= 0) {
      jobs.splice(place, 1);
      waiting -= job.waits;
    }
    const others = failed.filter((one) => one.job !== job);
    waiting -= failed.length - others.length;
    failed = others;
  }

  function idleOnes() {
    const idle = states.filter(({ isBusy }) => !isBusy);
    const now = performance.now();
    const rested = idle.filter(({ restsUntil }) => restsUntil <= now);
    // A resting engine is better than none, but busy ones will be free soon.
    return rested.length > 0 || idle.length < states.length ? rested : idle;
  }

  /** Returns the share of waiting chips for one of the idle engines; a chip whose batch has failed comes alone. */
  function takeBatch(idle: number): Taken[] {
    const again = failed.shift();
    const batch = again === undefined ? [] : [again];
    const wanted = again === undefined ? Math.min(most, Math.ceil(waiting / idle)) : 0;
    while (batch.length < wanted && jobs[0]!.chips.length > 0) {
      const job = jobs[0]!;
      batch.push({ job, place: job.chips.length - job.waits, failures: 0 });
      job.waits -= 1;
      if (job.waits === 0) jobs.shift();
    }
    waiting -= batch.length;
    return batch;
  }

  async function work(state: (typeof states)[number], batch: readonly Taken[]): Promise<void> {
    state.isBusy = true;
    state.isSoonFree = state.engine.isLight?.(batch.length) === true;
    const started = performance.now();
    let ended: number | undefined;
    let failure: string | null = null;
    try {
      const chips = batch.map(({ job, place }) => job.chips[place]!);
      const scores = await state.engine.run(batches.of(chips));
      ended = performance.now();
      const areas = chips.map(({ area }) => area);
      const { values, planes } = decode(model, scores, chips.length, areas);
      for (const [at, one] of batch.entries()) end(one, { values, at, planes: planes?.[at] ?? null });
    } catch (error) {
      state.restsUntil = performance.now() + REST_MILLISECONDS;
      const why = error instanceof Error ? error : new Error(String(error));
      failure = why.name;
      for (const one of batch) fail(one, why);
    }
    const seconds = ((ended ?? performance.now()) - started) / 1000;
    onBatch({ chips: batch.length, waitedSeconds: (started - batch[0]!.job.since) / 1000, seconds, failure });
    state.isBusy = false;
    state.isSoonFree = false;
    dispatch();
  }

  function fail(one: Taken, error: Error): void {
    if (one.job.isOver) return;
    if (error instanceof TooBusy) one.job.giveUp(error);
    else if (one.failures + 1 === ATTEMPTS) {
      if (error.name === NOT_LOADED) one.job.giveUp(error);
      else end(one, { error });
    } else {
      failed.push({ ...one, failures: one.failures + 1 });
      waiting += 1;
    }
  }

  function end({ job, place }: Taken, outcome: Outcome): void {
    job.outcomes[place] = outcome;
    job.left -= 1;
    if (job.left === 0) job.end();
  }

  return { model, predict, ownEngine };
}
