import { Worker } from 'node:worker_threads';
import { throwDice } from './dice.ts';
import type { Counts, Finding } from './run.ts';
import type { Target } from './target.ts';
import type { Job, Told, Work } from './work.ts';

/** To load all that reads anything takes some seconds where the machine is busy. */
const START_MILLISECONDS = 20_000;

type Lane = {
  /** The thread's file. */
  worker: URL;
  seed: number;
  jobs: Job[];
  targets: readonly Target[];
  /** An input that takes longer is one that hangs. */
  hangSeconds: number;
  found: (finding: Finding) => void;
  add: (target: string, counts: Counts) => void;
};

/**
 * A thread's share of the work, by one thread after the other: where an input hangs it or ends it, the next one goes on with
 * the input behind that.
 */
export function startLane({ worker: file, seed, jobs, targets, hangSeconds, found, add }: Lane) {
  const heart = new Float64Array(new SharedArrayBuffer(32));
  let rest = jobs.filter(({ count }) => count > 0);
  let doneBefore = 0;
  const { promise: ended, resolve } = Promise.withResolvers<void>();

  function begin(): void {
    const [first] = rest;
    if (first === undefined) {
      resolve();
      return;
    }
    heart.set([0, first.from, Date.now() + START_MILLISECONDS, 0]);
    const worker = new Worker(file, {
      workerData: { seed, jobs: rest, heart } satisfies Work,
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    let isHanging = false;
    let died = 'ended the thread';
    const watch = setInterval(() => {
      isHanging = Date.now() - heart[2]! > hangSeconds * 1000;
      if (!isHanging) return;
      clearInterval(watch);
      void worker.terminate();
    }, 500);
    let done = 0;
    worker.on('message', (told: Told) => {
      if ('finding' in told) {
        found(told.finding);
        return;
      }
      add(rest[told.job]!.target, told.counts);
      done += told.counts.inputs;
    });
    worker.on('error', (error) => {
      died = String(error);
    });
    worker.once('exit', () => {
      clearInterval(watch);
      doneBefore += done;
      if (heart[3] === 1) {
        rest = [];
        resolve();
      } else goOnBehind(isHanging, isHanging ? `does not end within ${hangSeconds} s` : died);
    });
  }

  function goOnBehind(isHanging: boolean, what: string): void {
    const [place, number] = [heart[0]!, heart[1]!];
    const job = rest[place]!;
    const input = targets.find(({ name }) => name === job.target)!.make(throwDice(seed, job.target, number));
    found({ target: job.target, seed, number, input, fault: { kind: isHanging ? 'slow' : 'crash', what } });
    const read = (number - job.from) / job.step + 1;
    add(job.target, { inputs: read, refused: 0, milliseconds: 0 });
    doneBefore += read;
    const left = { ...job, from: number + job.step, count: job.count - read };
    rest = [left, ...rest.slice(place + 1)].filter(({ count }) => count > 0);
    begin();
  }

  /** How many inputs were read by now. */
  function done(): number {
    const before = rest.slice(0, heart[0]).reduce((sum, { count }) => sum + count, 0);
    const job = rest[heart[0]!];
    return doneBefore + before + (job === undefined ? 0 : (heart[1]! - job.from) / job.step);
  }

  begin();
  return { ended, done };
}
