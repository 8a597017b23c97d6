import { setTimeout as pause } from 'node:timers/promises';

/** A stop has three seconds for everything. */
const GRACE_MILLISECONDS = 500;

/**
 * The function watch on a laptop: a look with each sweep, one after the other. No sweep waits for it, and one that a stop cuts off
 * is made again with the next sweep: a package is there once its item is, which is written last.
 */
export function startRegistryWatch(look: () => Promise<unknown>, onError: (error: Error) => void) {
  let last: Promise<unknown> = Promise.resolve();
  return {
    look: (): void => {
      last = last.then(look).catch(onError);
    },
    /** Resolves when no look is under way. */
    idle: () => last,
    close: async (): Promise<void> =>
      void (await Promise.race([last, pause(GRACE_MILLISECONDS, undefined, { ref: false })])),
  };
}
