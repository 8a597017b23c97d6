import { attempt, insteadOf } from '../../../base/errors.ts';
import { MAX_FIELDS } from '../../../base/limits.ts';
import { eachField, FIXED32, Malformed, packed, SIZED, VARINT } from '../../../base/protobuf.ts';
import { HEADER_BYTES, invalidRecord, type TfRecord } from './tfrecord.ts';

/** One feature of a `tf.train.Example`: a list of values, or `none` if the record names it without values. */
export type Feature =
  | { kind: 'none' }
  | { kind: 'bytes'; values: Uint8Array[] }
  | { kind: 'float'; values: Float32Array }
  | { kind: 'int64'; values: BigInt64Array };

/**
 * Parses the features of a `tf.train.Example` (tensorflow/core/example/example.proto and feature.proto) by protobuf's
 * rules: fields in any order, lists packed or not, unknown fields skipped, and the last of several features of one name
 * wins. Byte values are views of the record's.
 * @throws {InvalidSceneFile} when the record is malformed, naming the byte of the file. That includes a known field of a
 *   wrong wire type, which protobuf would silently skip
 */
export function parseExample(record: TfRecord): Map<string, Feature> {
  const { bytes, offset } = record;
  const wrong = insteadOf(Malformed, ({ at, message }) => {
    const place = offset + HEADER_BYTES + at - bytes.byteOffset;
    return invalidRecord(record, `is not a tf.train.Example: at byte ${place}: ${message}`);
  });
  return attempt(() => new Map(featuresIn(bytes, makeKnown())), wrong);
}

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

type Known = ReturnType<typeof makeKnown>;

/** Makes what yields the known fields of a record's messages; with the unknown ones they are counted. */
function makeKnown() {
  let left = MAX_FIELDS;
  return function* known(bytes: Uint8Array, { name, fields }: Message) {
    for (const field of eachField(bytes, name)) {
      const { number, type, whole } = field;
      if (left-- === 0) throw new Malformed(whole, 0, `more than ${MAX_FIELDS} fields`);
      const allowed = fields[number - 1];
      if (allowed === undefined) continue;
      if (!allowed.includes(type))
        throw new Malformed(
          whole,
          0,
          `field ${number} of ${name} with wire type ${type}; allowed: ${allowed.join(', ')}`,
        );
      yield field;
    }
  };
}

function* featuresIn(bytes: Uint8Array, known: Known): Generator<[name: string, Feature]> {
  for (const { content: features } of known(bytes, EXAMPLE))
    for (const { content: entry } of known(features, FEATURES)) {
      let name = '';
      const raw: Raw = { kind: 'none', pieces: [] };
      for (const { number, content } of known(entry, ENTRY))
        if (number === 1) name = nameIn(content);
        else readFeature(content, known, raw);
      yield [name, decoded(raw)];
    }
}

/** A feature that is not decoded yet: its values, of which some may be packed. */
type Raw = { kind: Feature['kind']; pieces: (Uint8Array | bigint)[] };

/** Lists of the same kind are concatenated, one of another kind replaces the earlier: this is how protobuf merges. */
function readFeature(bytes: Uint8Array, known: Known, raw: Raw): void {
  for (const { number, content: values } of known(bytes, FEATURE)) {
    const { kind, list } = LISTS[number - 1]!;
    if (raw.kind !== kind) {
      decoded(raw); // what is replaced must be valid as well
      Object.assign(raw, { kind, pieces: [] });
    }
    for (const { type, value, content } of known(values, list)) raw.pieces.push(type === VARINT ? value : content);
  }
}

function decoded({ kind, pieces }: Raw): Feature {
  const ofBytes = pieces as Uint8Array[];
  if (kind === 'bytes') return { kind, values: ofBytes };
  if (kind === 'float') return { kind, values: floats(ofBytes) };
  if (kind !== 'int64') return { kind };
  const all = pieces.flatMap((piece) => (typeof piece === 'bigint' ? piece : packed(piece)));
  return { kind, values: BigInt64Array.from(all) }; // which makes them signed
}

/** Copied as bytes, because both are little-endian and not even a NaN may change. */
function floats(pieces: readonly Uint8Array[]): Float32Array {
  const odd = pieces.find(({ length }) => length % 4 !== 0);
  if (odd !== undefined) throw new Malformed(odd, 0, `a FloatList of ${odd.length} bytes; floats take 4 bytes each`);
  return new Float32Array(new Uint8Array(Buffer.concat(pieces)).buffer);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function nameIn(bytes: Uint8Array): string {
  const what = `a feature's name of ${bytes.length} bytes that is not UTF-8`;
  return attempt(
    () => utf8.decode(bytes),
    insteadOf(Error, () => new Malformed(bytes, 0, what)),
  );
}
