/** Reads ranges of bytes that are in memory, fewer at their end; views of them. */
export function rangesIn(bytes: Uint8Array) {
  return async (offset: number, length: number): Promise<Uint8Array> => bytes.subarray(offset, offset + length);
}
