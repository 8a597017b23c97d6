/** Returns a range reader over bytes in memory. It returns views, shorter at the end of the bytes. */
export function rangesIn(bytes: Uint8Array) {
  return async (offset: number, length: number): Promise<Uint8Array> => bytes.subarray(offset, offset + length);
}

/** Yields bytes in memory as one chunk of a stream. */
export async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
