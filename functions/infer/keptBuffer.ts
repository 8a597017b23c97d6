import type { MakeBuffer } from '../../core/base/objectStore.ts';

/** A reused buffer: large short-lived arrays make the garbage collector mark the whole heap again and again. */
export function makeKeptBuffer() {
  let kept: Uint8Array | undefined;

  /** Lends the buffer to one user at a time; others get a new one meanwhile. */
  return (): Disposable & { makeBuffer: MakeBuffer } => {
    let mine = kept;
    kept = undefined;
    return {
      makeBuffer: (bytes) => {
        if (mine === undefined || mine.length < bytes) mine = new Uint8Array(bytes);
        return mine.subarray(0, bytes);
      },
      [Symbol.dispose]: () => {
        kept = mine;
      },
    };
  };
}
