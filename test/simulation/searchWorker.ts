import { parentPort } from 'node:worker_threads';
import * as planted from './planted.ts';
import { type Found, search } from './search.ts';
import type { AskedSearch } from './searchThread.ts';
import type { Patch } from './stateMachine.ts';

/** A thread that plays its share of the cases, and says how far it is; one search at a time. */

const bugs = new Map<string | undefined, Patch>(Object.entries(planted));

const port = parentPort;
if (port === null) throw new Error('searchWorker.ts runs as a worker thread only');

port.on('message', async ({ planted: bug, ...asked }: AskedSearch) => {
  const found: Found = await search({ ...asked, patch: bugs.get(bug), onCase: (done) => port.postMessage({ done }) });
  port.postMessage({ found });
});
