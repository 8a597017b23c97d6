import { parentPort, workerData } from 'node:worker_threads';
import { logTo } from '../functions/shared/log.ts';
import type { Invocation } from '../functions/shared/step.ts';
import { makeClock } from './clock.ts';
import type { FromWorker, Request, WorkerStart } from './functions.ts';
import { askOver } from './link.ts';
import { makeLocalSteps } from './steps.ts';
import { connectOwnTables } from './tableClients.ts';

/** A worker thread that is one function: it answers one call at a time, and ends when told to and done. */

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread only');
const { link, ...data } = workerData as WorkerStart;
const ask = askOver(link);
const tables = connectOwnTables((request) => ask('table', request));
const send = (message: FromWorker): void => port.postMessage(message);
logTo((log) => send({ log }), makeClock(data.time).now);

const stopping = new AbortController();
const step = makeLocalSteps(data, { tables, ask })[data.name]();
let running = 0;

port.on('message', async (request: Request) => {
  if ('stop' in request) {
    stopping.abort();
    if (running === 0) port.close();
    return;
  }
  running += 1;
  const { id } = request;
  try {
    send({ id, result: await (await step)(request.message, invocation(request.seconds)) });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    send({ id, error: { name, message } });
  } finally {
    running -= 1;
    if (stopping.signal.aborted) port.close();
  }
});

function invocation(seconds: number): Invocation {
  const end = performance.now() + seconds * 1000;
  return { remainingSeconds: () => (end - performance.now()) / 1000, signal: stopping.signal };
}
