import { SCENE_LIMITS } from '../core/base/limits.ts';
import { maskedCrc32c } from '../core/scenes/formats/tfrecord/crc32c.ts';
import { makeRecordCutter, type TfRecord } from '../core/scenes/formats/tfrecord/tfrecord.ts';

/** What `parseExample` returns for a feature fits, so a real record can be parsed, changed and written again. */
export type FeatureToEncode =
  | { kind: 'none' }
  | { kind: 'bytes'; values: Iterable<Uint8Array> }
  | { kind: 'float'; values: Iterable<number> }
  | { kind: 'int64'; values: Iterable<bigint> };

/**
 * One record as it stands in a TFRecord file, both checksums right; a file is any number of these, one after the other:
 * `Buffer.concat(examples.map(encodeTfRecord))`.
 */
export function encodeTfRecord(data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return joined([length, checksum(length), data, checksum(data)]);
}

/** The records of a TFRecord file, each with bytes of its own. */
export async function* readTfRecords(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  maxRecordBytes = SCENE_LIMITS.maxRecordBytes,
): AsyncGenerator<TfRecord, void, void> {
  const cutter = makeRecordCutter(file, maxRecordBytes);
  for await (const chunk of chunks)
    for (const record of cutter.cut(chunk)) yield { ...record, bytes: new Uint8Array(record.bytes) };
  cutter.end();
}

/**
 * A `tf.train.Example` with these features in this order, lists of numbers packed as TensorFlow packs them:
 * `encodeExample([['B1', { kind: 'bytes', values: [pixels] }], ['label', { kind: 'int64', values: [2n] }]])`.
 * Takes a Map as well.
 */
export function encodeExample(features: Iterable<readonly [name: string, feature: FeatureToEncode]>): Uint8Array {
  return sized(1, ...Array.from(features, ([name, feature]) => encodeFeature(name, feature)));
}

/** One feature with its name: an entry of the map that an Example's only field is. */
export function encodeFeature(name: string, feature: FeatureToEncode): Uint8Array {
  return sized(1, sized(1, new TextEncoder().encode(name)), sized(2, list(feature)));
}

/** A protobuf field that starts with its length: text, bytes, a message, a packed list. */
export function sized(field: number, ...content: Uint8Array[]): Uint8Array {
  const bytes = joined(content);
  return joined([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

/** A protobuf varint; of a negative number the 64-bit two's complement. */
export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...bytes, Number(rest));
}

function list(feature: FeatureToEncode): Uint8Array {
  switch (feature.kind) {
    case 'bytes':
      return sized(1, ...Array.from(feature.values, (value) => sized(1, value)));
    case 'float':
      return sized(2, sized(1, ...Array.from(feature.values, float)));
    case 'int64':
      return sized(3, sized(1, ...Array.from(feature.values, varint)));
    case 'none':
      return new Uint8Array();
  }
}

function float(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function checksum(bytes: Uint8Array): Uint8Array {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(maskedCrc32c(bytes));
  return checksum;
}

function joined(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
