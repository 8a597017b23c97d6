/** Protobuf by hand, as needed for small messages (protobuf.dev, "Encoding"). */

export const VARINT = 0;
const FIXED64 = 1;
export const SIZED = 2;
const FIXED32 = 5;

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
  const pass = (length: bigint, what: string): Uint8Array => {
    if (length > bytes.length - at) throw new Malformed(bytes, at, what);
    const start = at;
    at += Number(length);
    return bytes.subarray(start, at);
  };
  while (at < bytes.length) {
    const start = at;
    const tag = Number(readVarint());
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (number === 0 || number >= 2 ** 29) throw new Malformed(bytes, start, 'a field without a valid number');
    let value = 0n;
    let content: Uint8Array = bytes.subarray(at, at);
    if (type === VARINT) value = readVarint();
    else if (type === SIZED) {
      const length = readVarint();
      content = pass(length, `a length of ${length} bytes, but ${bytes.length - at} are left`);
    } else if (type === FIXED32) content = pass(4n, CUT_SHORT);
    else if (type === FIXED64) content = pass(8n, CUT_SHORT);
    else throw new Malformed(bytes, start, `field ${number} of ${name} with wire type ${type}`);
    yield { number, type, whole: bytes.subarray(start, at), content, value };
  }
}

const CUT_SHORT = 'a number that is cut short';

export function packed(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [value, end] = varintAt(bytes, at);
    values.push(value);
    at = end;
  }
  return values;
}

function varintAt(bytes: Uint8Array, start: number): [value: bigint, end: number] {
  for (let value = 0n, at = start; at < start + 10; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) throw new Malformed(bytes, at, CUT_SHORT);
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start));
    if (byte < 0x80) return [BigInt.asUintN(64, value), at + 1];
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

/** Returns the version of an ONNX model's default operator set. */
export function opsetOf(onnx: Uint8Array): number {
  let version = 0;
  for (const { number, content } of eachField(onnx))
    if (number === 8 && ['', 'ai.onnx'].includes(textOf(last(content, 1))))
      version = Number(last(content, 2)?.value ?? 0n);
  return version;
}
