import { parentPort } from 'node:worker_threads';
import * as planted from './planted.ts';
import { type Found, search } from './search.ts';
import type { AskedSearch } from './searchThread.ts';

/** A thread that plays its share of the cases, and says how far it is; one search at a time. */

const port = parentPort;
if (port === null) throw new Error('searchWorker.ts runs as a worker thread only');

port.on('message', async ({ planted: bug, ...asked }: AskedSearch) => {
  const patch = bug && planted[bug];
  const found: Found = await search({ ...asked, patch, onCase: (done) => port.postMessage({ done }) });
  port.postMessage({ found });
});
