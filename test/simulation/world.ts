import type { Datum } from '../../core/metrics/metrics.ts';
import type { Random } from '../../replay/sfc32.ts';
import { type Fault, type Faults, sdkError } from './faults.ts';
import { type Inbox, makeInbox, type Storage } from './inbox.ts';
import { StateError } from './machine.ts';
import { MODEL_OBJECTS } from './model.ts';
import type { RequestQueues } from './requests.ts';
import { type Change, makeResults, type Results } from './results.ts';
import { between, makeSchedule, pick, type Schedule } from './schedule.ts';
import { makeTableStore, type TableStore, type Written } from './table.ts';

/** Everything outside the functions, in memory; each look at it and each touch is a call that has its turn, and may fail. */
export type World = {
  schedule: Schedule;
  faults: Faults;
  random: Random;
  storage: Storage;
  tables: TableStore;
  inbox: Inbox;
  results: Results;
  models: Map<string, Uint8Array>;
  /** Whether the server that the model runs on does not answer. */
  isModelDown: boolean;
  /** Partitions that SQL knows of, by the prefixes of their files. */
  partitions: Set<string>;
  /** Where requests come by a queue. */
  requests?: RequestQueues;
  publish: (datums: readonly Datum[]) => void;
  call: Call;
  onEnd: Watcher['onEnd'];
  /** Who may die, or be stopped, with all that it was at. */
  onCrash: (crash: () => void) => void;
  trace: string[] | undefined;
};

/** Who makes a call. */
export type Worker = {
  /** The function's name, or what else it is. */
  role: string;
  /** The execution that it works for, if it does. */
  execution: string | undefined;
  /** How it stands in a trace. */
  label: string;
  isDead: boolean;
  /** Whether it began when faults happened: it may have slept ever since. */
  isOld?: boolean;
  /** It is given up after so many seconds without an answer. */
  timeoutSeconds: number;
  /** Whether a fault has struck a call of its, and it has made none since: it could do no more than one that died there. */
  wasStruck?: boolean;
  die: (error: StateError) => void;
  abort: () => void;
};

export type CallOptions = {
  /** What of the arguments stands in a trace. */
  about?: () => string;
  /** What stands in the place of the SDK's errors. */
  errors?: (kind: 'transient' | 'throttle' | 'permanent') => Error;
  /** How long it may hang at most; if absent, longer than its worker may take. */
  hangSeconds?: number | undefined;
};

export type Call = <Value>(
  worker: Worker,
  port: string,
  effect: () => Value | Promise<Value>,
  options?: CallOptions,
) => Promise<Value>;

export type Watcher = {
  onWrite: (written: Written, worker: Worker | undefined) => void;
  onResult: (change: Change, worker: Worker | undefined) => void;
  /** A worker has come to its end by itself: it has not died, and no fault in its last call has made it give up. */
  onEnd: (worker: Worker) => void;
  onPublish: (datums: readonly Datum[], worker: Worker | undefined) => void;
  /** A call that fails for as long as faults happen, beside what is planned. */
  isCursed: (worker: Worker, port: string) => boolean;
};

/** Lateness, beyond the time-out, of a worker that wakes when it has been given up. */
const LEASE_MILLISECONDS = 300_000;

export function makeWorld(
  { storage, start, end }: { storage: Storage; start: Date; end: Date },
  faults: Faults,
  watcher: Watcher,
  { schedule: scheduleRandom, faults: faultRandom }: { schedule: Random; faults: Random },
  isTraced: boolean,
): World {
  const schedule = makeSchedule(scheduleRandom, start);
  let acting: Worker | undefined;
  const counts = new Map<string, number>();
  const trace: string[] | undefined = isTraced ? [] : undefined;
  const crashes: (() => void)[] = [];
  const world: World = {
    schedule,
    faults,
    storage,
    trace,
    random: scheduleRandom,
    tables: makeTableStore({
      onWrite: (written) => watcher.onWrite(written, acting),
      now: () => schedule.trueNow().getTime(),
      lag: lagOfIndexes,
    }),
    inbox: makeInbox(storage, schedule.now),
    results: makeResults(storage, schedule.now, (change) => watcher.onResult(change, acting)),
    models: new Map(MODEL_OBJECTS),
    isModelDown: false,
    partitions: new Set(),
    publish: (datums) => watcher.onPublish(datums, acting),
    call,
    onEnd: watcher.onEnd,
    onCrash: (crash) => void crashes.push(crash),
  };
  return world;

  /** DynamoDB's indexes follow its tables, most often at once; the embedded stack's are never behind. */
  function lagOfIndexes(): number {
    return storage === 's3' && scheduleRandom() < LAG_SHARE ? scheduleRandom() * MOST_LAG_MILLISECONDS : 0;
  }

  function call<Value>(
    worker: Worker,
    port: string,
    effect: () => Value | Promise<Value>,
    { about = () => '', errors = sdkError, hangSeconds }: CallOptions = {},
  ): Promise<Value> {
    const name = `${worker.role}:${port}`;
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    const site = `${name}#${nth}`;
    const note = (outcome: string) =>
      trace?.push(`${schedule.now().toISOString()}  ${worker.label}  ${site}  ${about()}  ${outcome}`);
    worker.wasStruck = false;
    return new Promise((resolve, reject) => {
      const act = (): void => {
        try {
          acting = worker;
          const value = effect();
          acting = undefined;
          if (value instanceof Promise) value.then(succeed, fail);
          else succeed(value);
        } catch (error) {
          acting = undefined;
          fail(error as Error);
        }
      };
      const succeed = (value: Value): void => {
        if (worker.isDead) return;
        note('done');
        resolve(value);
      };
      const fail = (error: Error): void => {
        if (worker.isDead) return;
        note(`${error.name}: ${error.message.slice(0, 160)}`);
        reject(error);
      };
      schedule.atTurn(() => {
        if (worker.isDead) return;
        const fault = faults.next(site);
        if (fault !== undefined) {
          worker.wasStruck = true;
          note(`** ${fault.kind} ${fault.when} it happens`);
          goWrong(fault, worker, { act, effect, succeed, fail, errors, hangSeconds });
        } else if (faults.isActive() && watcher.isCursed(worker, port)) {
          faults.count();
          worker.wasStruck = true;
          fail(errors('permanent'));
        } else act();
      });
    });
  }

  type Turn<Value> = {
    act: () => void;
    effect: () => Value | Promise<Value>;
    succeed: (value: Value) => void;
    fail: (error: Error) => void;
    errors: (kind: 'transient' | 'throttle' | 'permanent') => Error;
    hangSeconds: number | undefined;
  };

  function goWrong<Value>({ kind, when }: Fault, worker: Worker, turn: Turn<Value>): void {
    // What an effect comes to that nobody hears of is nobody's trouble.
    const happened = when === 'after' ? attempt(worker, turn.effect) : undefined;
    happened?.catch(() => {});
    const answer = () => {
      if (happened === undefined) turn.act();
      else happened.then(turn.succeed, turn.fail);
    };
    if (kind === 'orphan') worker.abort();
    if (kind === 'hang' || kind === 'orphan') {
      schedule.after(latenessOf(worker, turn.hangSeconds), () => schedule.atTurn(() => worker.isDead || answer()));
      return;
    }
    const strike = () => {
      if (worker.isDead) return;
      if (kind === 'transient' || kind === 'throttle' || kind === 'permanent') turn.fail(turn.errors(kind));
      else if (kind === 'crash' && storage === 'folder') for (const crash of crashes) crash();
      else if (kind === 'abort') {
        worker.abort();
        answer();
      } else worker.die(pick(faultRandom, DEATHS)());
    };
    if (happened === undefined) strike();
    else happened.then(strike, strike);
  }

  /** Until the worker is given up and others have taken its place; or until the sweep that comes after all faults. */
  function latenessOf({ timeoutSeconds }: Worker, hangSeconds?: number): number {
    if (hangSeconds !== undefined) return between(faultRandom, 0, hangSeconds * 1000);
    if (faultRandom() < 0.5) return end.getTime() - schedule.trueNow().getTime() + between(faultRandom, 200, 1500);
    return timeoutSeconds * between(faultRandom, 500, 1200) + between(faultRandom, 0, 2 * LEASE_MILLISECONDS);
  }

  async function attempt<Value>(worker: Worker, effect: () => Value | Promise<Value>): Promise<Value> {
    try {
      acting = worker;
      const value = effect();
      acting = undefined;
      return await value;
    } finally {
      acting = undefined;
    }
  }
}

const LAG_SHARE = 0.3;
const MOST_LAG_MILLISECONDS = 500;

/** How a state machine hears of a function that died. */
const DEATHS = [
  () =>
    new StateError('Lambda.Unknown', 'The cause could not be determined because Lambda did not return an error type.'),
  () => new StateError('Runtime.ExitError', '{"errorType":"Runtime.ExitError","errorMessage":"signal: killed"}'),
  () => new StateError('Sandbox.Timedout', '{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out"}'),
];
