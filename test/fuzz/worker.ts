import { parentPort, workerData } from 'node:worker_threads';
import { type Counts, type Finding, type Numbers, run } from './run.ts';
import { TARGETS } from './targets/all.ts';

/** A thread of `npm run fuzz`: it reads its share of the inputs, and marks in `heart` which one it is at, and since when. */

export type Work = { seed: number; jobs: ({ target: string } & Numbers)[]; heart: Float64Array };
export type Told = { finding: Finding } | { job: number; counts: Counts };

const { seed, jobs, heart }: Work = workerData;
const tell = (told: Told) => parentPort?.postMessage(told);

for (const [job, { target: name, ...numbers }] of jobs.entries()) {
  const target = TARGETS.find((one) => one.name === name)!;
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
