import type { MakeBuffer } from '../../core/base/objectStore.ts';

/**
 * A buffer that is reused by later calls. Large short-lived arrays keep the garbage collector busy: it counts their bytes, and
 * marks the whole heap whenever these have added up.
 */
export function makeKeptBuffer() {
  let kept: Uint8Array | undefined;

  /** Lends the buffer to one user at a time; others get a new one meanwhile. */
  return async <Result>(use: (makeBuffer: MakeBuffer) => Promise<Result>): Promise<Result> => {
    let mine = kept;
    kept = undefined;
    try {
      return await use((bytes) => {
        if (mine === undefined || mine.length < bytes) mine = new Uint8Array(bytes);
        return mine.subarray(0, bytes);
      });
    } finally {
      kept = mine;
    }
  };
}
