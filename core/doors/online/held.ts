import { TooBusy } from './http.ts';

/** A small request finds room where large ones, which leave a share of all memory to such, find none. */
const [SMALL_BYTES, FOR_SMALL] = [1024 ** 2, 0.25];

/** Takes note of a request's bytes, until it is disposed of. */
export type Held = () => Disposable & { hold: (bytes: number) => void };

/**
 * Makes the account of the memory that all requests hold together which are not done with.
 * @param most bytes; a request that is alone may have more
 * @param what they are, for the error
 * @returns for each request what throws `TooBusy` where others leave no room for it
 */
export function makeHeld(most: number, what: string) {
  let all = 0;
  return () => {
    let own = 0;
    /** Replaces what it holds, whether there is room or not: what is done cannot be refused. */
    const keep = (bytes: number) => {
      all += bytes - own;
      own = bytes;
    };
    return {
      hold: (bytes: number) => {
        const room = own + bytes > SMALL_BYTES ? most * (1 - FOR_SMALL) : most;
        if (all > own && all + bytes > room)
          throw new TooBusy(`The ${what} of other requests take ${all} bytes already. Try again in a moment.`);
        keep(own + bytes);
      },
      keep,
      [Symbol.dispose]: () => keep(0),
    };
  };
}
