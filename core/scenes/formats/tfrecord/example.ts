import { attempt, insteadOf } from '../../../base/errors.ts';
import { MAX_FIELDS } from '../../../base/limits.ts';
import { HEADER_BYTES, invalidRecord, type TfRecord } from './tfrecord.ts';

/** One feature of a `tf.train.Example`: a list of values, or `none` if the record names it without values. */
export type Feature =
  | { kind: 'none' }
  | { kind: 'bytes'; values: Uint8Array[] }
  | { kind: 'float'; values: Float32Array }
  | { kind: 'int64'; values: BigInt64Array };

type Span = { start: number; end: number };

/**
 * Parses the features of a `tf.train.Example` (tensorflow/core/example/example.proto and feature.proto) by protobuf's
 * rules: fields in any order, lists packed or not, unknown fields skipped, and the last of several features of one name
 * wins. Byte values are views of the record's.
 * @throws {InvalidSceneFile} when the record is malformed, naming the byte of the file. That includes a known field of a
 *   wrong wire type, which protobuf would silently skip
 */
export function parseExample(record: TfRecord): Map<string, Feature> {
  const features = new Map<string, Feature>();
  const end = record.bytes.length;
  const wire: Wire = { record, at: 0, field: 0, type: VARINT, high: 0, fieldsLeft: MAX_FIELDS };
  while (nextField(wire, end, EXAMPLE)) {
    const featuresEnd = contentEnd(wire, end);
    while (nextField(wire, featuresEnd, FEATURES)) readEntry(wire, contentEnd(wire, featuresEnd), features);
  }
  return features;
}

/** A position in a record, its current field, and the upper 32 bits of the last varint. */
type Wire = { record: TfRecord; at: number; field: number; type: number; high: number; fieldsLeft: number };

// Wire types (protobuf.dev, "Encoding"). 3 and 4, the ends of a group, are deprecated and not used in Example.
const [VARINT, FIXED64, SIZED, FIXED32] = [0, 1, 2, 5];
const UNKNOWN = [VARINT, FIXED64, SIZED, FIXED32]; // allowed for unknown fields

/** A message's name and the wire types that its fields may have, from field 1 on. */
type Message = { name: string; fields: number[][] };

const EXAMPLE: Message = { name: 'Example', fields: [[SIZED]] };
const FEATURES: Message = { name: 'Features', fields: [[SIZED]] };
const ENTRY: Message = { name: 'FeatureEntry', fields: [[SIZED], [SIZED]] };
const FEATURE: Message = { name: 'Feature', fields: [[SIZED], [SIZED], [SIZED]] };

/** What a Feature's fields 1, 2 and 3 hold. */
const LISTS: { kind: Feature['kind']; list: Message }[] = [
  { kind: 'bytes', list: { name: 'BytesList', fields: [[SIZED]] } },
  { kind: 'float', list: { name: 'FloatList', fields: [[SIZED, FIXED32]] } },
  { kind: 'int64', list: { name: 'Int64List', fields: [[SIZED, VARINT]] } },
];

/** A feature that is not decoded yet: where its values, or packed values, are in the record. */
type Raw = { kind: Feature['kind']; spans: Span[] };

function readEntry(wire: Wire, end: number, features: Map<string, Feature>): void {
  let name = '';
  const raw: Raw = { kind: 'none', spans: [] };
  while (nextField(wire, end, ENTRY)) {
    if (wire.field === 1) name = readName(wire, contentEnd(wire, end));
    else readFeature(wire, contentEnd(wire, end), raw);
  }
  features.set(name, decoded(wire, raw));
}

/** Lists of the same kind are concatenated, one of another kind replaces the earlier: this is how protobuf merges. */
function readFeature(wire: Wire, end: number, raw: Raw): void {
  while (nextField(wire, end, FEATURE)) {
    const { kind, list } = LISTS[wire.field - 1]!;
    if (raw.kind !== kind) {
      decoded(wire, raw); // what is replaced must be valid as well
      raw.kind = kind;
      raw.spans = [];
    }
    const listEnd = contentEnd(wire, end);
    while (nextField(wire, listEnd, list)) raw.spans.push(passValue(wire, listEnd));
  }
}

function decoded(wire: Wire, { kind, spans }: Raw): Feature {
  if (kind === 'bytes') return { kind, values: spans.map(({ start, end }) => wire.record.bytes.subarray(start, end)) };
  if (kind === 'float') return { kind, values: floats(wire, spans) };
  return kind === 'int64' ? { kind, values: integers(wire, spans) } : { kind };
}

/** Copied as bytes, because both are little-endian and not even a NaN may change. */
function floats(wire: Wire, spans: Span[]): Float32Array {
  for (const { start, end } of spans)
    if ((end - start) % 4)
      throw malformed(wire, start, `a FloatList of ${end - start} bytes; floats take 4 bytes each`);
  const copy = new Uint8Array(spans.reduce((sum, { start, end }) => sum + end - start, 0));
  let at = 0;
  for (const { start, end } of spans) {
    copy.set(wire.record.bytes.subarray(start, end), at);
    at += end - start;
  }
  return new Float32Array(copy.buffer);
}

function integers(wire: Wire, spans: Span[]): BigInt64Array {
  const { bytes } = wire.record;
  let count = 0;
  for (const { start, end } of spans) {
    for (let at = start; at < end; at++) if (bytes[at]! < 0x80) count++; // the last byte of a varint
  }
  const values = new BigInt64Array(count);
  const after = wire.at;
  count = 0;
  for (const { start, end } of spans) {
    for (wire.at = start; wire.at < end; ) {
      const low = readVarint(wire, end);
      values[count++] = (BigInt(wire.high) << 32n) | BigInt(low); // the array makes it signed
    }
  }
  wire.at = after;
  return values;
}

/** Advances to the next known field of `message`; returns `false` at its end. */
function nextField(wire: Wire, end: number, { name, fields }: Message): boolean {
  while (wire.at < end) {
    const start = wire.at;
    if (wire.fieldsLeft-- === 0) throw malformed(wire, start, `more than ${MAX_FIELDS} fields`);
    const tag = readVarint(wire, end);
    wire.field = tag >>> 3;
    wire.type = tag & 7;
    if (wire.field === 0 || wire.high !== 0) throw malformed(wire, start, `a field of ${name} without a valid number`);
    const allowed = fields[wire.field - 1] ?? UNKNOWN;
    if (!allowed.includes(wire.type)) {
      const found = `field ${wire.field} of ${name} with wire type ${wire.type}`;
      throw malformed(wire, start, `${found}; allowed: ${allowed.join(', ')}`);
    }
    if (allowed !== UNKNOWN) return true;
    passValue(wire, end);
  }
  return false;
}

/** Skips the current field's value and returns where it lies. */
function passValue(wire: Wire, end: number): Span {
  let start = wire.at;
  if (wire.type === VARINT) readVarint(wire, end);
  else if (wire.type === SIZED) {
    const valueEnd = contentEnd(wire, end);
    start = wire.at;
    wire.at = valueEnd;
  } else {
    const size = wire.type === FIXED32 ? 4 : 8;
    if (size > end - start) throw malformed(wire, start, `a number of ${size} bytes, but ${end - start} are left`);
    wire.at += size;
  }
  return { start, end: wire.at };
}

/** Reads the current field's length. Its content starts at `wire.at` and ends at the returned offset. */
function contentEnd(wire: Wire, end: number): number {
  const start = wire.at;
  const low = readVarint(wire, end);
  const left = end - wire.at;
  if (wire.high === 0 && low <= left) return wire.at + low;
  throw malformed(wire, start, `a length of ${(BigInt(wire.high) << 32n) | BigInt(low)} bytes, but ${left} are left`);
}

/** Reads a varint of up to 64 bits: returns the lower 32, leaves the upper in `wire.high`. Accepts overlong forms. */
function readVarint(wire: Wire, end: number): number {
  const start = wire.at;
  const { bytes } = wire.record;
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (wire.at >= end) throw malformed(wire, start, `a varint that does not end within its ${end - start} bytes`);
    const byte = bytes[wire.at++]!;
    if (shift < 32) low |= (byte & 0x7f) << shift;
    if (shift === 28) high = (byte & 0x7f) >>> 4;
    if (shift > 28) high |= (byte & 0x7f) << (shift - 32);
    if (byte < 0x80) {
      wire.high = high >>> 0;
      return low >>> 0;
    }
  }
  throw malformed(wire, start, 'a varint of more than 10 bytes');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readName(wire: Wire, end: number): string {
  const start = wire.at;
  wire.at = end;
  const what = () => malformed(wire, start, `a feature's name of ${end - start} bytes that is not UTF-8`);
  return attempt(() => utf8.decode(wire.record.bytes.subarray(start, end)), insteadOf(Error, what));
}

const malformed = ({ record }: Wire, at: number, what: string): Error =>
  invalidRecord(record, `is not a tf.train.Example: at byte ${record.offset + HEADER_BYTES + at}: ${what}`);
