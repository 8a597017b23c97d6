import { parentPort, workerData } from 'node:worker_threads';
import { type Counts, type Finding, type Numbers, run } from './run.ts';
import type { Target } from './target.ts';

/** What a thread is to read, and where it marks which job and number it is at, since when, and whether it is done. */
export type Work = { seed: number; jobs: Job[]; heart: Float64Array };
export type Job = { target: string } & Numbers;
export type Told = { finding: Finding } | { job: number; counts: Counts };

/** Does a thread's share of the work. */
export async function work(targets: readonly Target[]): Promise<void> {
  const { seed, jobs, heart }: Work = workerData;
  const tell = (told: Told) => parentPort?.postMessage(told);
  for (const [job, { target: name, ...numbers }] of jobs.entries()) {
    const target = targets.find((one) => one.name === name)!;
    heart[0] = job;
    const counts = await run(target, seed, numbers, {
      begin: (number) => {
        heart[1] = number;
        heart[2] = Date.now();
      },
      found: (finding) => tell({ finding }),
    });
    tell({ job, counts });
  }
  heart[3] = 1;
}
