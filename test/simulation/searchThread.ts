import { Worker } from 'node:worker_threads';
import type * as planted from './planted.ts';
import type { Found, Search } from './search.ts';

/** A search as a thread can be asked for it, with a bug of planted.ts by its name. */
export type AskedSearch = Omit<Search, 'patch' | 'onCase'> & { planted?: keyof typeof planted };

/**
 * A thread for searches, one after the other. Where a test runner follows each promise of the main thread, which takes a
 * quarter of a search's processor time, it does not follow those of another one.
 */
export function startSearchThread() {
  const worker = new Worker(new URL('./searchWorker.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });

  function search(asked: AskedSearch, onCase: (done: number) => void = () => {}): Promise<Found> {
    const { promise, resolve, reject } = Promise.withResolvers<Found>();
    const onMessage = (message: { done: number } | { found: Found }) => {
      if ('found' in message) resolve(message.found);
      else onCase(message.done);
    };
    const onExit = (code: number) => reject(new Error(`A thread of the search ended with exit code ${code}.`));
    worker.on('message', onMessage).once('error', reject).once('exit', onExit);
    worker.postMessage(asked);
    return promise.finally(() => worker.off('message', onMessage).off('error', reject).off('exit', onExit));
  }

  return { search, stop: () => worker.terminate() };
}
