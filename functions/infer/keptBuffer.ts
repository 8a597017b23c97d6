import type { MakeBuffer } from '../../core/objectStore.ts';

/**
 * A buffer that is kept for the next call that needs one. Large arrays that come and go are what a garbage collector is busiest
 * with: it counts their bytes, and marks the whole heap whenever these have added up.
 */
export function makeKeptBuffer() {
  let kept: Uint8Array | undefined;

  /** Lends the buffer to one user at a time: who comes meanwhile gets another. */
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
