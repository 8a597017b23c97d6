import { statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readPredictions } from '../predictions.ts';
import { type Ended, startSwath } from '../swath.ts';
import { filesIn, isRun } from './audit.ts';
import { type Item, readTablesAtRest } from './tablesAtRest.ts';

/** In the order in which an attempt goes through them. */
export const RUNNING = ['CLAIMED', 'PREPARED', 'PREDICTED'];

/** What lies in a data folder at the moment of a death. */
export type Rest = {
  /** How many runs were in each state that somebody is working at, and had not been hit in that attempt before. */
  hit: Record<string, number>;
  /** How many runs were at an end. */
  settled: number;
  /** Files that were being written aside. */
  leftovers: string[];
  /** What may not be, in sentences. */
  errors: string[];
};

/** From when on a life is counted: its begin, when it says that it is up, and when one of its steps has left a line. */
export const MOMENTS = ['its start', 'up', 'its first step'] as const;
export type Moment = (typeof MOMENTS)[number];
/** A life in which nothing is to be done is not waited for. */
const BEGIN_MILLISECONDS = 4000;

const UP = /Ctrl-C stops\.\n/;
const REFUSED = /is in use by process/;

/** The process `swath start --empty` on one data folder, again and again, and what each leaves behind. */
export function makeLives(data: string, home: string) {
  const start = () => startSwath(['start', '--empty', '--data-dir', data], home);
  const log = join(data, 'swath.log');
  const whole = new Set<string>();
  const wasHit = new Set<string>();
  let stood = new Map<string, Item>();
  let refusals = 0;

  /** Where a `swath send` that found the folder free has it, it is for that one to end first. */
  function refused({ code, stdout, stderr }: Ended): void {
    if (code !== 1 || !REFUSED.test(stderr)) throw new Error(`It ended by itself, with ${code}: ${stdout}${stderr}`);
    refusals += 1;
  }

  /** Starts it and kills it so long after a moment of its life; answers whether it was up by then. */
  async function liveFor(milliseconds: number, from: Moment): Promise<{ wasUp: boolean }> {
    for (;;) {
      const running = start();
      const logged = sizeOf(log);
      const moment = async () => {
        if (from !== 'its start') await running.says(UP);
        const end = Date.now() + BEGIN_MILLISECONDS;
        while (from === 'its first step' && sizeOf(log) === logged && Date.now() < end) await pause(10);
        await pause(milliseconds);
      };
      const ended = await Promise.race([running.ended, moment().catch(() => running.ended)]);
      if (ended !== undefined) refused(ended);
      else {
        running.kill('SIGKILL');
        await running.ended;
        return { wasUp: UP.test(running.output.stdout) };
      }
    }
  }

  /** Starts it, does something once it is up, and ends it in order. */
  async function live(work: () => Promise<void>): Promise<void> {
    for (;;) {
      const running = start();
      const isUp = await running.says(UP).then(
        () => true,
        () => false,
      );
      if (!isUp) {
        refused(await running.ended);
        continue;
      }
      await work().finally(() => running.kill('SIGTERM'));
      const { code, stderr } = await running.ended;
      if (code !== 0) throw new Error(`It ended with ${code}: ${stderr}`);
      return;
    }
  }

  /** Looks at what a killed process has left behind, beside what it was at the last look. */
  async function lookAtRest(): Promise<Rest> {
    const runs = (await readTablesAtRest(join(data, 'tables'))).ledger.filter(isRun);
    const hit = runs.filter((run) => RUNNING.includes(String(run['state'])) && !wasHit.has(attemptOf(run)));
    for (const run of hit) wasHit.add(attemptOf(run));
    const errors = [...runs.flatMap((run) => wentBackward(stood.get(String(run['run'])), run)), ...vanished(runs)];
    stood = new Map(runs.map((run) => [String(run['run']), run]));
    return {
      hit: Object.fromEntries(RUNNING.map((state) => [state, hit.filter((run) => run['state'] === state).length])),
      settled: runs.filter(({ state }) => !RUNNING.includes(String(state))).length,
      leftovers: await leftovers(),
      errors: [...errors, ...(await halfWritten())],
    };
  }

  function vanished(runs: Item[]): string[] {
    const there = new Set(runs.map(({ run }) => run));
    return [...stood.values()].flatMap(({ run, scene }) => (there.has(run) ? [] : [`the row of ${scene} is gone`]));
  }

  /** Rule 4: what can be read is whole. */
  async function halfWritten(): Promise<string[]> {
    const errors: string[] = [];
    const predictions = join(data, 'results', 'predictions');
    for (const name of await filesIn(predictions)) {
      if (!name.endsWith('.parquet')) continue;
      const { mtimeMs } = await stat(join(predictions, name));
      if (whole.has(`${name} ${mtimeMs}`)) continue;
      const isWhole = await readPredictions(await readFile(join(predictions, name))).then(
        () => true,
        (error: Error) => errors.push(`${name} cannot be read: ${error.message}`) === 0,
      );
      if (isWhole) whole.add(`${name} ${mtimeMs}`);
    }
    return errors;
  }

  /** What was being written aside: files that nobody is to see. */
  async function leftovers(): Promise<string[]> {
    const all = await filesIn(data);
    return all.filter((path) => /\/\.[^/]+\.(part|tmp)$/.test(path));
  }

  return { liveFor, live, lookAtRest, leftovers, refusals: () => refusals };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function attemptOf({ run, attempt }: Item): string {
  return `${run}-${attempt}`;
}

/** Rule 3: within an attempt a run only moves forward; what is at an end stays there. */
function wentBackward(before: Item | undefined, now: Item): string[] {
  if (before === undefined || Number(now['attempt']) > Number(before['attempt'])) return [];
  const place = ({ state }: Item) =>
    RUNNING.includes(String(state)) ? RUNNING.indexOf(String(state)) : RUNNING.length;
  const isForward =
    now['attempt'] === before['attempt'] &&
    (place(now) > place(before) || (place(now) === place(before) && now['state'] === before['state']));
  if (isForward) return [];
  const told = ({ state, attempt }: Item) => `${state} in attempt ${attempt}`;
  return [`${now['scene']} was ${told(before)} and is ${told(now)}`];
}
