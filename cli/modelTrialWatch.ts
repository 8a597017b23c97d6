import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { Outcome } from './modelTrial.ts';

/** A thread beside a model's trial that ends the process once it takes more memory than allowed. */

const EVERY_MILLISECONDS = 10;
const maxBytes: number = workerData;

setInterval(() => {
  if (process.memoryUsage.rss() <= maxBytes) return;
  writeSync(1, `${JSON.stringify({ outcome: 'memory' } satisfies Outcome)}\n`);
  process.kill(process.pid, 'SIGKILL'); // the other thread is in native code, and would not hear anything milder
}, EVERY_MILLISECONDS);
