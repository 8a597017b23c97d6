/**
 * Unpacks TIFF's LZW (TIFF 6.0, section 13): codes of 9 to 12 bits, the most significant bit first, which get longer one code
 * early. Every text that a code stands for was written before, with the byte that follows it: so a code is a place in what
 * was unpacked and a length, and nothing is built up.
 *
 * @returns so many bytes were unpacked, `into.length` at most; -1 where a code has no meaning
 */
export function unpackLzw(from: Uint8Array, into: Uint8Array): number {
  const starts = new Uint32Array(MOST_CODES);
  const lengths = new Uint32Array(MOST_CODES);
  const end = into.length;
  let [at, read] = [0, 0];
  let [held, bits, width] = [0, 0, 9];
  let next = FIRST_FREE;
  let before = -1; // where the text of the code before starts; -1 behind a clear code
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

/** Old-style LZW has the least significant bit first: its first code, 256 of 9 bits, then is 0x00 and a byte that ends in 1. */
export function isOldLzw(from: Uint8Array): boolean {
  return from[0] === 0 && (from[1]! & 1) === 1;
}

const [CLEAR, END, FIRST_FREE, MOST_CODES] = [256, 257, 258, 4096];
