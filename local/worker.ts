import { parentPort, workerData } from 'node:worker_threads';
import { logTo } from '../functions/shared/log.ts';
import type { Invocation } from '../functions/shared/step.ts';
import { makeClock } from './clock.ts';
import type { FunctionName } from './functions.ts';
import { askOver } from './link.ts';
import { makeLocalSteps } from './steps.ts';
import { connectOwnTables } from './tableClients.ts';
import type { FromWorker, Request, WorkerStart } from './workers.ts';

/** A worker thread that is any function: it answers one call at a time, and ends when told to and done. */

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread only');
const { link, ...data } = workerData as WorkerStart;
const ask = askOver(link);
const tables = connectOwnTables((request) => ask('table', request));
const send = (message: FromWorker): void => port.postMessage(message);
logTo((log) => send({ log }), makeClock(data.time).now);

const stopping = new AbortController();
const steps = makeLocalSteps(data, { tables, ask });
const loaded = new Map<FunctionName, Awaited<ReturnType<(typeof steps)[FunctionName]>>>();
let running = 0;

port.on('message', async (request: Request) => {
  if ('stop' in request) {
    stopping.abort();
    if (running === 0) port.close();
    return;
  }
  running += 1;
  const { id, name: called, message, seconds } = request;
  try {
    const step = loaded.get(called) ?? (await steps[called]());
    loaded.set(called, step);
    send({ id, result: await step(message, invocation(seconds)) });
  } catch (error) {
    const { name, message: why } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    send({ id, error: { name, message: why } });
  } finally {
    running -= 1;
    if (stopping.signal.aborted) port.close();
  }
});

function invocation(seconds: number): Invocation {
  const end = performance.now() + seconds * 1000;
  return { remainingSeconds: () => (end - performance.now()) / 1000, signal: stopping.signal };
}
