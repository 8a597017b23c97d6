import { Problem } from './problem.ts';

/** Bytes of a small request, which finds room where large ones find none. */
const SMALL_BYTES = 1024 ** 2;
/** The share of all memory that large requests leave to small ones. */
const FOR_SMALL = 0.25;

/** Takes note of a request's bytes, and releases them. */
export type Held = () => { hold: (bytes: number) => void; release: () => void };

/**
 * Makes the account of the memory that all unanswered requests hold together.
 *
 * @param most bytes; a request that is alone may have more
 * @param what they are, for the error
 * @returns for each request what throws `Problem` with 503 where others leave no room for it
 */
export function makeHeld(most: number, what: string): Held {
  let all = 0;
  return () => {
    let own = 0;
    return {
      hold: (bytes) => {
        const room = own + bytes > SMALL_BYTES ? most * (1 - FOR_SMALL) : most;
        if (all > own && all + bytes > room)
          throw new Problem(503, `The ${what} of other requests take ${all} bytes already. Try again in a moment.`, {
            headers: { 'retry-after': '1' },
          });
        own += bytes;
        all += bytes;
      },
      release: () => {
        all -= own;
        own = 0;
      },
    };
  };
}
