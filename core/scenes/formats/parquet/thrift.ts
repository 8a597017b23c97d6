import { attempt, onError } from '../../../base/errors.ts';

/** Wire types: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md */
const [STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12];

/** The deepest nesting of structs; Parquet has five levels. */
const MOST_NESTED = 16;

/**
 * Returns where the struct that begins at `start` ends; undefined if it is invalid. Structs are checked before a library
 * reads them, because the library trusts a list's length when it allocates memory.
 */
export function structEnd(bytes: Uint8Array, start: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;

  function varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = view.getUint8(at);
      at += 1;
      if (shift < 28) value += (byte & 0x7f) * 2 ** shift;
      else if ((byte & 0x7f) > 0) value = Number.POSITIVE_INFINITY; // larger than any length or count
      if (byte < 0x80) return value;
    }
    throw new RangeError('a varint of more than 10 bytes');
  }

  function pass(bytes: number): void {
    at += bytes;
    if (at > view.byteLength) throw new RangeError('it extends beyond its end');
  }

  /** Returns where it ends. */
  function struct(depth: number): number {
    if (depth > MOST_NESTED) throw new RangeError('it is nested too deep');
    for (;;) {
      const head = view.getUint8(at);
      at += 1;
      if ((head & 15) === STOP) return at;
      if (head >> 4 === 0) varint();
      element(head & 15, depth);
    }
  }

  function element(type: number, depth: number): void {
    if (type === TRUE || type === FALSE) return;
    if (type === BYTE) pass(1);
    else if (type === I16 || type === I32 || type === I64) varint();
    else if (type === DOUBLE) pass(8);
    else if (type === BINARY) pass(varint());
    else if (type === LIST) list(depth + 1);
    else if (type === STRUCT) struct(depth + 1);
    else throw new RangeError(`the type ${type}`);
  }

  function list(depth: number): void {
    if (depth > MOST_NESTED) throw new RangeError('it is nested too deep');
    const head = view.getUint8(at);
    at += 1;
    const count = head >> 4 === 15 ? varint() : head >> 4;
    const type = head & 15;
    if (count > view.byteLength - at) throw new RangeError('a list of more entries than there are bytes');
    for (let i = 0; i < count; i += 1) element(type === TRUE || type === FALSE ? BYTE : type, depth);
  }

  const invalid = onError(RangeError, () => undefined);
  return attempt(() => struct(0), invalid);
}
