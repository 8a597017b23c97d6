/** Protobuf by hand, as needed for small messages (protobuf.dev, "Encoding"). */

/** Wire types; 3 and 4, the ends of a group, are deprecated. */
export const [VARINT, FIXED64, SIZED, FIXED32] = [0, 1, 2, 5];

export const int = (number: number, value: number) => join([varint((number << 3) | VARINT), varint(value)]);
export const text = (number: number, value: string) => field(number, new TextEncoder().encode(value));
export const message = (number: number, fields: readonly Uint8Array[]) => field(number, join(fields));
export const field = (number: number, bytes: Uint8Array) => join(sizedField(number, [bytes]));

/** Returns the parts of a field, whose content is not copied. */
export function sizedField(number: number, content: readonly Uint8Array[]): Uint8Array[] {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return [varint((number << 3) | SIZED), varint(length), ...content];
}

export const join = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Encodes a protobuf varint; a negative number is written as the unsigned one with the same 64 bits. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** A field of a message: its number and wire type, the field as a whole, and its content if it is bytes, or else its value. */
export type ReadField = { number: number; type: number; whole: Uint8Array; content: Uint8Array; value: bigint };

/** @throws {Malformed} when the bytes are not a message */
export function* eachField(bytes: Uint8Array, name = 'a message'): Generator<ReadField, void, void> {
  let at = 0;
  const readVarint = (): bigint => {
    const [value, end] = varintAt(bytes, at);
    at = end;
    return value;
  };
  while (at < bytes.length) {
    const start = at;
    const tag = Number(readVarint());
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (number === 0 || number >= 2 ** 29)
      throw new Malformed(bytes, start, `a field of ${name} without a valid number`);
    let value = 0n;
    let [from, left] = [at, bytes.length - at];
    if (type === VARINT) {
      value = readVarint();
      from = at;
    } else if (type === SIZED) {
      const length = readVarint();
      left = bytes.length - at;
      if (length > left) throw new Malformed(bytes, from, `a length of ${length} bytes, but ${left} are left`);
      from = at;
      at += Number(length);
    } else {
      const size = { [FIXED32]: 4, [FIXED64]: 8 }[type];
      if (size === undefined)
        throw new Malformed(bytes, start, `field ${number} of ${name} with wire type ${type}; allowed: 0, 1, 2, 5`);
      if (size > left) throw new Malformed(bytes, at, `a number of ${size} bytes, but ${left} are left`);
      at += size;
    }
    yield { number, type, whole: bytes.subarray(start, at), content: bytes.subarray(from, at), value };
  }
}

export function packed(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [value, end] = varintAt(bytes, at);
    values.push(value);
    at = end;
  }
  return values;
}

/** The first seven bytes, which most numbers do not exceed, are added without the cost of a bigint. */
function varintAt(bytes: Uint8Array, start: number): [value: bigint, end: number] {
  let [low, high] = [0, 0n];
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[start + i];
    if (byte === undefined)
      throw new Malformed(bytes, start, `a varint that does not end within its ${bytes.length - start} bytes`);
    if (i < 7) low += (byte & 0x7f) * 2 ** (7 * i);
    else high |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return [BigInt.asUintN(64, high | BigInt(low)), start + i + 1];
  }
  throw new Malformed(bytes, start, 'a varint of more than 10 bytes');
}

/** What is wrong, and where in the memory of the whole file. */
export class Malformed extends Error {
  readonly at: number;

  constructor(bytes: Uint8Array, at: number, what: string) {
    super(what);
    this.at = bytes.byteOffset + at;
  }
}

/** Returns the last field of that number, which is the one that counts in protobuf. */
export const last = (bytes: Uint8Array | undefined, wanted: number): ReadField | undefined =>
  bytes && [...eachField(bytes)].findLast(({ number }) => number === wanted);

export const textOf = (field: ReadField | undefined): string => new TextDecoder().decode(field?.content);

export const textsIn = (bytes: Uint8Array, wanted: number): string[] =>
  [...eachField(bytes)].filter(({ number }) => number === wanted).map(textOf);
