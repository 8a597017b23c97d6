/**
 * Unpacks PackBits (TIFF 6.0, section 9): a count, followed by that many literal bytes or by one byte to repeat.
 *
 * @returns the number of bytes unpacked, up to `into.length`
 */
export function unpackPackBits(from: Uint8Array, into: Uint8Array): number {
  let at = 0;
  for (let read = 0; read < from.length && at < into.length; ) {
    const count = from[read++]!;
    if (count < 128) {
      const bytes = from.subarray(read, read + Math.min(count + 1, into.length - at));
      into.set(bytes, at);
      at += bytes.length;
      read += count + 1;
    } else if (count > 128) {
      if (read === from.length) return at;
      const stop = Math.min(into.length, at + 257 - count);
      into.fill(from[read++]!, at, stop);
      at = stop;
    }
  }
  return at;
}
