import type { ValuePlaces } from './example.ts';

/** Whether another record's bytes have the layout: then its values lie at the same places. */
export type FitsLayout = (bytes: Uint8Array) => boolean;

/** A layout is worth keeping for records that are mostly values, as images are. */
const MOST_FIXED_BYTES = 16 * 1024;

/**
 * The layout of a record whose parse is known: all of its bytes but the values themselves, that is its fields' numbers,
 * types, lengths and names, and what is in fields that nobody knows; and of an integer's bytes those bits that say where
 * it ends. What the parser finds, and what it refuses, depends on nothing else: in a record of the same length with the
 * same layout it finds values of the same kinds at the same places. Null where there are too many such bytes.
 */
export function layoutOf(bytes: Uint8Array, { all }: ValuePlaces): FitsLayout | null {
  const { length } = bytes;
  const at: number[] = [];
  const mask: number[] = [];
  let next = 0;
  const fixed = (end: number, bits: number) => {
    for (; next < end && at.length <= MOST_FIXED_BYTES; next++) {
      at.push(next);
      mask.push(bits);
    }
  };
  for (const { kind, span } of all.toSorted((a, b) => a.span.start - b.span.start)) {
    fixed(span.start, 0xff);
    if (kind === 'int64') fixed(span.end, 0x80);
    next = span.end;
  }
  fixed(length, 0xff);
  if (at.length > MOST_FIXED_BYTES) return null;
  const places = Uint32Array.from(at);
  const masks = Uint8Array.from(mask);
  const expected = masks.map((bits, i) => bytes[places[i]!]! & bits);
  return (other) => {
    if (other.length !== length) return false;
    for (let i = 0; i < places.length; i++) if ((other[places[i]!]! & masks[i]!) !== expected[i]) return false;
    return true;
  };
}
