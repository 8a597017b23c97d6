import type { Room } from '../../core/objectStore.ts';

/**
 * Room that is kept for the next who needs some. Large arrays that come and go are what a garbage collector is busiest
 * with: it counts their bytes, and marks the whole heap whenever these have added up.
 */
export function makeKeptRoom() {
  let kept: Uint8Array | undefined;

  /** Lends the room to one user at a time: who comes meanwhile gets another. */
  return async <Result>(use: (room: Room) => Promise<Result>): Promise<Result> => {
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
