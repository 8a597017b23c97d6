import { setTimeout as pause } from 'node:timers/promises';

/** A stop has three seconds for everything. */
const GRACE_MILLISECONDS = 500;

/** Does what nothing else waits for, one after the other. A stop gives what is under way a moment, and leaves the rest undone. */
export function startSideWork(onError: (error: Error) => void, milliseconds = GRACE_MILLISECONDS) {
  let last: Promise<unknown> = Promise.resolve();
  return {
    add: (work: () => Promise<unknown>): void => {
      last = last.then(work).catch(onError);
    },
    idle: () => last,
    [Symbol.asyncDispose]: async () =>
      void (await Promise.race([last, pause(milliseconds, undefined, { ref: false })])),
  };
}
