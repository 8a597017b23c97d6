import { Problem } from './problem.ts';

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
        if (all > own && all + bytes > most)
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
