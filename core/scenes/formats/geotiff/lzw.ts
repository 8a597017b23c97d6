import { NoImage } from '../../image/image.ts';

/**
 * Unpacks TIFF's LZW (TIFF 6.0, section 13): codes of 9 to 12 bits, most significant bit first, whose width grows one code
 * early. A code from 258 on stands for the text that a former code was written as, and the byte after it. So a table of
 * where texts were written is all that is kept; the texts of the codes below 256, single bytes, lie before the output.
 *
 * Four bytes are copied in any case, because most texts are no longer, and a loop is left at another byte each time, which
 * processors cannot predict. What is written too much is written over by the next text, or lies behind the output.
 *
 * @returns the bytes unpacked, up to `wanted`
 * @throws {NoImage} when a code is invalid
 */
export function unpackLzw(from: Uint8Array, wanted: number): Uint8Array {
  const into = new Uint8Array(OUTPUT + wanted + LONGEST_TEXT);
  const starts = new Int32Array(MOST_CODES + 1);
  for (let byte = 0; byte <= OUTPUT; byte += 1) into[byte] = starts[byte] = byte;
  const end = OUTPUT + wanted;
  const state: State = { at: OUTPUT, read: 0, held: 0, bits: 0 };
  let stopped = CLEAR;
  while (stopped === CLEAR) stopped = unpackToClear(from, state, starts, into, end);
  if (stopped !== END) throw new NoImage('is damaged: found a code of LZW that has no meaning');
  const stop = Math.min(state.at, end);
  // A small block would hold several times its bytes.
  return wanted < 16 * LONGEST_TEXT ? into.slice(OUTPUT, stop) : into.subarray(OUTPUT, stop);
}

/** Where unpacking is in the output and the input, and the bits that are read, of which the last `bits` are ahead. */
type State = { at: number; read: number; held: number; bits: number };

/** Unpacks up to a clear code, in a call of its own, so that the engine compiles it soon; returns the code that it stopped at, or `END`. */
function unpackToClear(from: Uint8Array, state: State, starts: Int32Array, into: Uint8Array, end: number): number {
  const last = from.length - 1;
  let { at, read, held, bits } = state;
  let width = 9;
  let next = FIRST_FREE;
  let code = END;
  while (at < end) {
    if (bits < width) {
      if (read < last) {
        held = (held << 16) | (from[read]! << 8) | from[read + 1]!;
        bits += 16;
      } else if (read === last && bits + 8 >= width) {
        held = (held << 8) | from[read]!;
        bits += 8;
      } else break;
      read += 2;
    }
    bits -= width;
    code = (held >>> bits) & ((1 << width) - 1);
    if (code === CLEAR || code === END) break;
    if (next <= MOST_CODES) {
      starts[next] = at;
      if (next === (1 << width) - 1 && width < 12) width += 1;
      next += 1;
    }
    if (code > next - 2) return code;
    const start = starts[code]!;
    // One more for a text: without a branch, for the same reason.
    const length = starts[code + 1]! - start + ((CLEAR - 1 - code) >>> 31);
    into[at] = into[start]!;
    into[at + 1] = into[start + 1]!;
    into[at + 2] = into[start + 2]!;
    into[at + 3] = into[start + 3]!;
    for (let i = 4; i < length; i += 1) into[at + i] = into[start + i]!;
    at += length;
    code = END;
  }
  Object.assign(state, { at, read, held, bits });
  return code;
}

/** Detects old-style LZW, least significant bit first: its first code, 256 in 9 bits, is 0 and a byte ending in 1. */
export const isOldLzw = (from: Uint8Array): boolean => from[0] === 0 && (from[1]! & 1) === 1;

const [CLEAR, END, FIRST_FREE, MOST_CODES] = [256, 257, 258, 4096];
/** Where the output begins, behind the single bytes. */
const OUTPUT = 256;
/** No text is longer: it is one byte longer than that of a former code. */
const LONGEST_TEXT = 4096;
