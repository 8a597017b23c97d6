import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

/** Asks a server for /healthz, every 20 ms and on a new connection each time, from the sixth on until SIGTERM; then prints what it saw as JSON. */

const [, , url = ''] = process.argv;
const took: number[] = [];
let wrong = 0;

process.on('SIGTERM', () => {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!);
  console.log(JSON.stringify({ probes: took.length, wrong, p50: at(0.5), p99: at(0.99), most: at(1) }));
  process.exit(0);
});

for (let probe = 0; ; probe += 1) {
  const started = performance.now();
  let isRight = false;
  try {
    const [response] = (await once(get(`${url}/healthz`, { agent: false }), 'response')) as [IncomingMessage];
    await text(response);
    isRight = response.statusCode === 200;
  } catch {
    // counted as wrong
  }
  if (probe >= 5) {
    took.push(performance.now() - started);
    if (!isRight) wrong += 1;
  }
  await wait(20);
}
