import type { Load, Timings } from './client.ts';
import type { ServerCounts } from './serverCounts.ts';

export type Found = Load & Timings & { server: ServerCounts | null };

/** The figures of a load, a line each. */
export function summary({ milliseconds, elapsedSeconds, errors, server, ...load }: Found): string {
  const n = milliseconds.length;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => milliseconds[Math.min(n - 1, Math.floor(share * n))] ?? 0);
  const predictions = n * load.inputs;
  const lines = [
    `${load.clients} clients, ${load.inputs} input${load.inputs === 1 ? '' : 's'} a request, as ${load.kind}`,
    `${whole(n)} requests in ${elapsedSeconds.toFixed(1)} s, ${errors} without an answer or with an error`,
    `${whole(n / elapsedSeconds)} requests and ${whole(predictions / elapsedSeconds)} predictions a second`,
    `p50 ${short(p50!)}, p95 ${short(p95!)}, p99 ${short(p99!)}, longest ${short(milliseconds.at(-1) ?? 0)}`,
  ];
  if (server !== null)
    lines.push(
      `${whole(predictions / server.cpuSeconds)} predictions a second of the server's processor time`,
      `${(server.batchInputs / Math.max(1, server.batches)).toFixed(1)} inputs a batch`,
    );
  return lines.join('\n');
}

const WIDTH = 50;
/** Each step is so many times the one before. */
const STEP = Math.SQRT2;

/** How many answers took how long, in steps that grow. */
export function histogram(milliseconds: readonly number[]): string {
  const [shortest = 0] = milliseconds;
  const longest = milliseconds.at(-1) ?? 0;
  const first = Math.floor(Math.log(Math.max(shortest, 0.01)) / Math.log(STEP));
  const last = Math.floor(Math.log(Math.max(longest, 0.01)) / Math.log(STEP));
  const counts = new Array<number>(last - first + 1).fill(0);
  for (const one of milliseconds) counts[Math.floor(Math.log(Math.max(one, 0.01)) / Math.log(STEP)) - first]! += 1;
  const most = Math.max(...counts);
  return counts
    .map((count, i) => {
      const from = `${(STEP ** (first + i)).toPrecision(3)} ms`.padStart(10);
      const bar = '█'.repeat(Math.round((count / most) * WIDTH)) || (count > 0 ? '▏' : '');
      return `${from} ${bar} ${count === 0 ? '' : whole(count)}`.trimEnd();
    })
    .join('\n');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function short(milliseconds: number): string {
  return `${milliseconds.toPrecision(3)} ms`;
}
