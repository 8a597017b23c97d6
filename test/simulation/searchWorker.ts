import { parentPort, workerData } from 'node:worker_threads';
import { type Search, search } from './search.ts';

/** A thread that plays its share of the cases, and says how far it is. */

const port = parentPort;
if (port === null) throw new Error('searchWorker.ts runs as a worker thread only');
const found = await search({ ...(workerData as Search), onCase: (done) => port.postMessage({ done }) });
port.postMessage({ found });
