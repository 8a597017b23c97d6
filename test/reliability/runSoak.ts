import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ExecutionStatus } from '../../core/base/executions.ts';
import { sceneInput, sweepInput } from '../../core/base/messages.ts';
import { executionArn } from '../../local/stack/arns.ts';
import { askOwner, type Control } from '../../local/stack/control.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { findOwner } from '../benches/owner.ts';
import type { Prediction } from '../predictions.ts';
import { audit, isRun, type Put } from './audit.ts';
import { type Fault, injectedFaults, KINDS, planFaults, writePlan } from './faultPlan.ts';
import { judgeToday } from './judgeToday.ts';
import { blankFile, fileOfChips, invalidFile, type SceneFile } from './sceneFiles.ts';
import { readShardPredictions } from './shardPredictions.ts';
import type { Asked, Told } from './soakStack.ts';
import { readTablesAtRest, type TablesAtRest } from './tablesAtRest.ts';

/** Shares of the files. */
const FAULTS = 0.01;
const EVENTS_TWICE = 0.05;
const SECOND = 0.03;
const BLANK = 0.02;
const INVALID = 0.01;
const MOST_CHIPS = 4;

/** So many executions may be on their way, those of files that stand still for their two seconds included. */
const ON_THEIR_WAY = 300;
/** So often, what is not in use is collected, and the memory looked at. */
const COLLECTIONS = 40;
/** So long after its file an event that comes late comes once more. */
const LATE_MILLISECONDS = 3000;
/** Nothing has ended for so long: it will not go on. */
const STUCK_MILLISECONDS = 60_000;

/**
 * What counts as flat, in bytes a file, and as constant; with few files it is all the beginning. What is in use, a collection
 * tells to the byte; its memory goes up and down with what its workers have not collected yet.
 */
const LIMITS = { inUse: 1024, rss: 10_240, ratio: 1.25, judgedFrom: 2000 };

export type SoakOptions = {
  files: number;
  seed: number;
  keep: boolean;
  /** A hung worker's time-out, and so how long each hold-up takes. */
  timeoutSeconds?: number;
  /** How many of the files have a fault, and of which kinds. */
  faultShare?: number;
  faultKinds?: readonly Fault['kind'][];
  tell?: (progress: string) => void;
};

type Pair = { first: number; last: number };
export type SoakResult = {
  seed: number;
  files: { all: number; kinds: Record<string, number>; second: number; chips: number; bytes: number };
  faults: { planned: number; injected: number; kinds: Record<string, number> };
  events: { twice: number };
  ends: { before: Record<string, number>; after: Record<string, number> };
  /** How many troubles there are with files; the others are about memory and time. */
  lost: number;
  /** In bytes: the process's (RSS) after collections, and what of it was in use then, with what each grew by a file. */
  memory: {
    atTenth: number;
    atHalf: number;
    atEnd: number;
    most: number;
    rssAFile: number;
    inUse: number;
    inUseAFile: number;
  };
  time: { cpu: Pair; wall: Pair; seconds: number };
  limits: typeof LIMITS;
  errors: string[];
  /** The data folder, where it is kept. */
  kept: string | null;
};

/** What is in use at a moment, and the process's memory, when what is not in use has been collected. */
type Collected = { files: number; inUse: number; rss: number };
/** A moment of the stack's process. */
type Sample = { ended: number; rss: number; cpuMilliseconds: number; at: number };

/** Has files go through the embedded stack with faults and duplicates, and looks at what came of it. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { files: count, seed, keep, timeoutSeconds = 5, tell = () => {} } = options;
  const { faultShare = FAULTS, faultKinds = KINDS } = options;
  const random = sfc32(seed, 10, 9);
  const home = mkdtempSync(join(tmpdir(), 'swath-soak-'));
  const data = join(home, 'data');
  const plan = join(home, 'plan');
  for (const folder of [join(data, 'inbox'), plan]) mkdirSync(folder, { recursive: true });
  const reading = readShardPredictions();
  const keys = Array.from({ length: count }, (_, i) => keyOf(i));
  const faulty = shuffled([...keys], random).slice(0, Math.round(count * faultShare));
  writePlan(plan, {
    // A hung worker wakes up when its call has timed out, and before it is ended for it.
    faults: planFaults(faulty, faultKinds, timeoutSeconds * 1000 + 400, random),
  });
  const stack = await startSoakStack(data, plan, timeoutSeconds);
  const expectedOf = await reading;
  const owner = await findOwner(join(data, 'lock.json'));
  if (owner === undefined) throw new Error('The stack is up, and nobody has its data folder.');

  const puts: Put[] = [];
  const contents = new Map<string, { expected: Prediction[] }>();
  const kinds = { chips: 0, blank: 0, invalid: 0 };
  const totals = { second: 0, chips: 0, bytes: 0, twice: 0 };
  const late: Promise<void>[] = [];
  const began = performance.now();
  const recent: SceneFile[] = [];
  const collected: Collected[] = [];

  for (const [i, key] of keys.entries()) {
    const file = nextFile(i);
    contents.set(file.sha256, { expected: file.kind === 'chips' ? expectedOf(file) : [] });
    kinds[file.kind] += 1;
    totals.chips += file.chips.length;
    totals.bytes += file.bytes.length;
    drop(key, file);
    if (random() < EVENTS_TWICE) late.push(deliverAgain(key, file.sha256, random() < 0.5 ? 0 : LATE_MILLISECONDS));
    while (stack.outstanding() > ON_THEIR_WAY) await stack.more();
    if (i % Math.ceil(count / COLLECTIONS) === 0) await collect();
    if (i % 20 === 0) await pause(1); // what the stack tells is to be heard
    tell(`${stack.last().ended} of ${count} files`);
  }
  await Promise.all(late);
  while (stack.outstanding() > 0) {
    tell(`${count - stack.outstanding()} of ${count} files`);
    if (!(await stack.more())) break;
  }
  const samples = stack.samples.slice();
  await collect();
  const seconds = (performance.now() - began) / 1000;
  const before = endsOf(await readTablesAtRest(join(data, 'tables')).catch(() => undefined));
  tell('one sweep');
  await sweep(owner);
  await stack.end();
  await judgeToday(data);
  tell('looking at what came of it');
  const tables = await readTablesAtRest(join(data, 'tables'));
  const { errors: wrong } = await audit({
    inbox: join(data, 'inbox'),
    results: join(data, 'results'),
    tables,
    puts,
    expected: (sha256) => contents.get(sha256)?.expected ?? null,
  });
  const memory = { ...memoryOf(collected), most: Math.max(...samples.map(({ rss }) => rss)) };
  const time = { cpu: tenths(samples, 'cpuMilliseconds'), wall: tenths(samples, 'at'), seconds };
  const injected = injectedFaults(plan);
  const errors = [...wrong, ...stack.errors, ...judged()];
  const isWell = errors.length === 0;
  if (isWell && !keep) rmSync(home, { recursive: true });
  return {
    seed,
    files: { all: count, kinds, ...totals },
    faults: { planned: faulty.length, injected: sum(Object.values(injected)), kinds: injected },
    events: { twice: totals.twice },
    ends: { before, after: endsOf(tables) },
    lost: wrong.length,
    memory,
    time,
    limits: LIMITS,
    errors,
    kept: isWell && !keep ? null : data,
  };

  async function collect(): Promise<void> {
    collected.push({ files: stack.last().ended, ...(await stack.collect()) });
  }

  function nextFile(i: number): SceneFile {
    const drawn = random();
    if (drawn < SECOND && recent.length > 0) {
      totals.second += 1;
      return recent[Math.floor(random() * recent.length)]!;
    }
    if (drawn < SECOND + BLANK) return blankFile(`blank ${i}`, 1 + Math.floor(random() * 3));
    if (drawn < SECOND + BLANK + INVALID) return invalidFile(`invalid ${i}`, random);
    const file = fileOfChips(`file ${i}`, 1 + Math.floor(random() * MOST_CHIPS), random);
    recent.push(file);
    if (recent.length > 50) recent.shift();
    return file;
  }

  /** By a rename, as any program drops a file that is to be seen whole. */
  function drop(key: string, { bytes, sha256, kind }: SceneFile): void {
    const path = join(data, 'inbox', ...key.split('/'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(join(data, '.dropping'), bytes);
    renameSync(join(data, '.dropping'), path);
    puts.push({ key, sha256, kind });
    stack.expect(1);
  }

  /** The event once more, as EventBridge delivers at least once: with a name of its own, early or late. */
  async function deliverAgain(key: string, sha256: string, after: number): Promise<void> {
    totals.twice += 1;
    stack.expect(1);
    await pause(after);
    const input = sceneInput({ bucket: 'inbox', key, versionId: sha256 });
    await askOwner(owner!, 'start', [randomUUID(), input]);
  }

  function judged(): string[] {
    if (count < LIMITS.judgedFrom) return [];
    const ratio = time.cpu.last / time.cpu.first;
    return [
      ...(memory.rssAFile <= LIMITS.rss ? [] : [`the memory grew by ${Math.round(memory.rssAFile)} bytes a file`]),
      ...(memory.inUseAFile <= LIMITS.inUse
        ? []
        : [`of the memory, ${Math.round(memory.inUseAFile)} bytes more were in use with each file`]),
      ...(ratio <= LIMITS.ratio
        ? []
        : [`a file took ${ratio.toFixed(2)} times as long at the end as at the beginning`]),
    ];
  }
}

function keyOf(i: number): string {
  return `${['north', 'south', 'east', 'west'][i % 4]}/2026/scene-${String(i).padStart(6, '0')}`;
}

/** Starts the stack as a process of its own, whose workers have the faults in them. */
async function startSoakStack(data: string, plan: string, timeoutSeconds: number) {
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const child: ChildProcess = fork(here('soakStack.ts'), [data, String(timeoutSeconds)], {
    execArgv: ['--expose-gc'],
    // Workers are processes: they have the options of the environment.
    env: { ...process.env, NODE_OPTIONS: `--import=${pathToFileURL(here('faults.ts'))}`, SWATH_SOAK_PLAN: plan },
  });
  const samples: Sample[] = [];
  const errors: string[] = [];
  let expected = 0;
  let last: Sample = { ended: 0, rss: 0, cpuMilliseconds: 0, at: 0 };
  let isEnding = false;
  const up = Promise.withResolvers<void>();
  let answered = Promise.withResolvers<Omit<Collected, 'files'>>();
  child.on('message', (told: Told) => {
    if ('up' in told) up.resolve();
    if ('inUse' in told) answered.resolve({ inUse: told.inUse, rss: told.rssThen });
    if ('trouble' in told) errors.push(told.trouble);
    if ('ended' in told) {
      last = told;
      samples.push(told);
    }
  });
  const over = once(child, 'exit').then(([code, signal]) => {
    if (isEnding && code === 0) return;
    const error = new Error(`the stack's process ended by itself, with ${code ?? signal}`);
    up.reject(error);
    throw error;
  });
  over.catch(() => {});
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await up.promise;

  let endedThen = 0;
  let since = performance.now();
  return {
    samples,
    errors,
    last: () => last,
    expect: (executions: number) => {
      expected += executions;
    },
    outstanding: () => expected - last.ended,
    /** Waits for news; false when there have been none for so long that there will be none. */
    more: async (): Promise<boolean> => {
      await Promise.race([once(child, 'message'), over]);
      if (last.ended !== endedThen) {
        endedThen = last.ended;
        since = performance.now();
      }
      return performance.now() - since < STUCK_MILLISECONDS;
    },
    collect: (): Promise<Omit<Collected, 'files'>> => {
      answered = Promise.withResolvers();
      child.send('collect' satisfies Asked);
      return Promise.race([answered.promise, over.then(() => ({ inUse: 0, rss: 0 }))]);
    },
    end: async (): Promise<void> => {
      isEnding = true;
      child.send('end' satisfies Asked);
      await over;
      process.off('exit', kill);
    },
  };
}

/** One sweep, and all that it starts. */
async function sweep(owner: Control): Promise<void> {
  const name = `sweep-${randomUUID()}`;
  await askOwner(owner, 'start', [name, sweepInput]);
  const { status, cause } = await askOwner<ExecutionStatus>(owner, 'ended', [executionArn(name)]);
  if (status !== 'SUCCEEDED') throw new Error(`The sweep is ${status}: ${cause}`);
  while ((await askOwner<number>(owner, 'onTheirWay', null)) > 0) await pause(100);
}

function endsOf(tables: TablesAtRest | undefined): Record<string, number> {
  const states = Map.groupBy((tables?.ledger ?? []).filter(isRun), ({ state }) => String(state));
  return Object.fromEntries([...states].map(([state, { length }]) => [state, length]));
}

/** The memory at some points, and by how many bytes it grew with each file after the first tenth, by least squares. */
function memoryOf(all: Collected[]) {
  const last = all.at(-1)!;
  const at = (share: number) => (all.find(({ files }) => files >= last.files * share) ?? last).rss;
  const warm = all.filter(({ files }) => files >= last.files / 10);
  const slope = (of: 'rss' | 'inUse') => {
    const mean = (values: number[]) => sum(values) / values.length;
    const [files, bytes] = [mean(warm.map((one) => one.files)), mean(warm.map((one) => one[of]))];
    const spread = sum(warm.map((one) => (one.files - files) ** 2));
    return sum(warm.map((one) => (one.files - files) * (one[of] - bytes))) / Math.max(1, spread);
  };
  const [rssAFile, inUseAFile] = [slope('rss'), slope('inUse')];
  return { atTenth: at(0.1), atHalf: at(0.5), atEnd: last.rss, rssAFile, inUse: last.inUse, inUseAFile };
}

/** What a file took in the first tenth of them and in the last, by a clock that every sample shows. */
function tenths(samples: Sample[], clock: 'cpuMilliseconds' | 'at'): Pair {
  const all = samples.at(-1)?.ended ?? 0;
  const between = (from: number, to: number) => {
    const first = samples.findLast(({ ended }) => ended <= from) ?? samples[0]!;
    const end = samples.find(({ ended }) => ended >= to) ?? samples.at(-1)!;
    return (end[clock] - first[clock]) / Math.max(1, end.ended - first.ended);
  };
  return { first: between(0, all * 0.1), last: between(all * 0.9, all) };
}

function shuffled<One>(all: One[], random: () => number): One[] {
  for (let i = all.length - 1; i > 0; i -= 1) {
    const other = Math.floor(random() * (i + 1));
    [all[i], all[other]] = [all[other]!, all[i]!];
  }
  return all;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
