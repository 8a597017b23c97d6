import type { Random } from '../../replay/sfc32.ts';
import type { Faults } from './faults.ts';
import { sdkError } from './faults.ts';
import { type Inbox, makeInbox, type Storage } from './inbox.ts';
import { StateError } from './machine.ts';
import { MODEL_OBJECTS } from './model.ts';
import { between, makeSchedule, pick } from './schedule.ts';
import { makeTableStore, type TableStore, type Written } from './table.ts';

/** Everything outside the functions, in memory; each look at it and each touch is a call that has its turn, and may fail. */
export type World = {
  schedule: ReturnType<typeof makeSchedule>;
  faults: Faults;
  random: Random;
  storage: Storage;
  tables: TableStore;
  inbox: Inbox;
  results: Map<string, Uint8Array>;
  models: Map<string, Uint8Array>;
  published: { metric: string; value: number }[];
  call: Call;
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
  /** It is given up after so many seconds without an answer. */
  timeoutSeconds: number;
  die: (error: StateError) => void;
  abort: () => void;
};

export type CallOptions = {
  /** What of the arguments stands in a trace. */
  about?: () => string;
  /** What stands in the place of the SDK's errors. */
  errors?: (kind: 'transient' | 'throttle' | 'permanent') => Error;
};

export type Call = <Value>(
  worker: Worker,
  port: string,
  effect: () => Value | Promise<Value>,
  options?: CallOptions,
) => Promise<Value>;

export type Watcher = {
  onWrite: (written: Written, worker: Worker | undefined) => void;
  onResult: (key: string, bytes: Uint8Array) => void;
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
    ...{ schedule, faults, storage, trace },
    random: scheduleRandom,
    tables: makeTableStore((written) => watcher.onWrite(written, acting)),
    inbox: makeInbox(storage),
    results: new Map(),
    models: new Map(MODEL_OBJECTS),
    published: [],
    call,
    onCrash: (crash) => void crashes.push(crash),
  };
  const { set } = world.results;
  world.results.set = (key, bytes) => {
    watcher.onResult(key, bytes);
    return set.call(world.results, key, bytes);
  };
  return world;

  function call<Value>(
    worker: Worker,
    port: string,
    effect: () => Value | Promise<Value>,
    { about = () => '', errors = sdkError }: CallOptions = {},
  ): Promise<Value> {
    const name = `${worker.role}:${port}`;
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    const site = `${name}#${nth}`;
    const note = (outcome: string) =>
      trace?.push(`${schedule.now().toISOString()}  ${worker.label}  ${site}  ${about()}  ${outcome}`);
    return new Promise((resolve, reject) => {
      const act = async (): Promise<void> => {
        let done: Promise<Value>;
        try {
          acting = worker;
          done = Promise.resolve(effect());
        } catch (error) {
          done = Promise.reject(error);
        } finally {
          acting = undefined;
        }
        try {
          const value = await done;
          if (worker.isDead) return;
          note('done');
          resolve(value);
        } catch (error) {
          if (worker.isDead) return;
          note(`${(error as Error).name}: ${(error as Error).message.slice(0, 160)}`);
          reject(error);
        }
      };
      const goOn = (): void => {
        if (worker.isDead) return;
        const fault = faults.next(site);
        if (fault === undefined) {
          if (faults.isActive() && watcher.isCursed(worker, port)) {
            faults.count();
            note('** permanent, as each time');
            reject(errors('permanent'));
          } else void act();
          return;
        }
        note(`** ${fault.kind} ${fault.when} it happens`);
        // What an effect comes to that nobody hears of is nobody's trouble.
        const happened: Promise<unknown> = fault.when === 'after' ? attempt(worker, effect) : Promise.resolve();
        happened.catch(() => {});
        if (fault.kind === 'hang') {
          const isNight = faultRandom() < 0.3;
          const late = isNight
            ? Math.max(0, end.getTime() - schedule.now().getTime()) + between(faultRandom, 0, 3000)
            : worker.timeoutSeconds * between(faultRandom, 500, 1200) + between(faultRandom, 0, 2 * LEASE_MILLISECONDS);
          schedule.after(late, () =>
            schedule.atTurn(() => {
              if (worker.isDead) return;
              note('wakes');
              if (fault.when === 'before') void act();
              else happened.then((value) => resolve(value as Value), reject);
            }),
          );
          return;
        }
        const goes = () => {
          if (worker.isDead) return;
          if (fault.kind === 'transient' || fault.kind === 'throttle' || fault.kind === 'permanent')
            reject(errors(fault.kind));
          else if (fault.kind === 'crash' && storage === 'folder') for (const crash of [...crashes]) crash();
          else if (fault.kind === 'abort') {
            worker.abort();
            if (fault.when === 'before') void act();
            else happened.then((value) => resolve(value as Value), reject);
          } else worker.die(pick(faultRandom, DEATHS)());
        };
        if (fault.when === 'before') goes();
        else happened.then(goes, goes);
      };
      schedule.atTurn(goOn);
    });
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

/** How a state machine hears of a function that died. */
const DEATHS = [
  () =>
    new StateError('Lambda.Unknown', 'The cause could not be determined because Lambda did not return an error type.'),
  () => new StateError('Runtime.ExitError', '{"errorType":"Runtime.ExitError","errorMessage":"signal: killed"}'),
  () => new StateError('Sandbox.Timedout', '{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out"}'),
];
