/**
 * Unpacks TIFF's LZW (TIFF 6.0, section 13): codes of 9 to 12 bits, most significant bit first, whose width grows one code
 * early. Every text that a code stands for has been written before, followed by its extra byte, so a code is stored as a
 * position in the output and a length, and no strings are built.
 *
 * @returns the number of bytes unpacked, up to `into.length`; -1 for an invalid code
 */
export function unpackLzw(from: Uint8Array, into: Uint8Array): number {
  const starts = new Uint32Array(MOST_CODES);
  const lengths = new Uint32Array(MOST_CODES);
  const end = into.length;
  let [at, read] = [0, 0];
  let [held, bits, width] = [0, 0, 9];
  let next = FIRST_FREE;
  let before = -1; // where the previous code's text starts; -1 after a clear code
  while (at < end) {
    while (bits < width) {
      if (read === from.length) return at;
      held = ((held << 8) | from[read++]!) & 0xfffff;
      bits += 8;
    }
    bits -= width;
    const code = (held >>> bits) & ((1 << width) - 1);
    if (code === CLEAR) {
      [width, next, before] = [9, FIRST_FREE, -1];
      continue;
    }
    if (code === END) return at;
    const start = at;
    if (before >= 0 && next < MOST_CODES) {
      starts[next] = before;
      lengths[next] = start - before + 1;
      next += 1;
      if (next === (1 << width) - 1 && width < 12) width += 1;
    }
    if (code < CLEAR) into[at++] = code;
    else {
      if (code >= next || before < 0) return -1;
      let copied = starts[code]!;
      const stop = Math.min(end, at + lengths[code]!);
      while (at < stop) into[at++] = into[copied++]!;
    }
    before = start;
  }
  return at;
}

/**
 * Detects old-style LZW, which has the least significant bit first: its first code, 256 in 9 bits, is 0x00 and a byte that
 * ends in 1.
 */
export const isOldLzw = (from: Uint8Array): boolean => from[0] === 0 && (from[1]! & 1) === 1;

const [CLEAR, END, FIRST_FREE, MOST_CODES] = [256, 257, 258, 4096];
