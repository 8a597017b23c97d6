import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Outcome, Watched } from './modelTrial.ts';

/** A thread beside a model's trial that records the peak memory, and kills the process if it exceeds the limit. */

const EVERY_MILLISECONDS = 10;
const { maxBytes, peak }: Watched = workerData;
const most = new Float64Array(peak);

setInterval(() => {
  const now = process.memoryUsage.rss();
  if (now > most[0]!) most[0] = now;
  if (now <= maxBytes) return;
  writeSync(1, `${JSON.stringify({ outcome: 'memory' } satisfies Outcome)}\n`);
  process.kill(process.pid, 'SIGKILL'); // the other thread is in native code, and would not handle a milder signal
}, EVERY_MILLISECONDS);
parentPort!.postMessage('watching');
