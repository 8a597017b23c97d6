import assert from 'node:assert/strict';
import { type Feature, parseExample } from '../../../core/scenes/formats/tfrecord/example.ts';
import type { TfRecord } from '../../../core/scenes/formats/tfrecord/tfrecord.ts';
import { encodeScene, featuresOf } from '../../benches/scenes.ts';
import { frames } from '../../scenes.ts';
import { encodeExample, encodeTfRecord, type FeatureToEncode, readTfRecords } from '../../tfrecord.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import { damageFields } from '../mutate/protobuf.ts';
import { damagedFile } from '../mutate/tfrecord.ts';
import type { Target } from '../target.ts';

/** Records of the bundled shard, of 47 kB each, and small ones, of which a great many can be read in a second. */
export const REAL = frames.slice(0, 5).map((frame) => new Uint8Array(frame.subarray(12, -4)));
export const SMALL = [3, 0, 200].map((value, label) => encodeExample(featuresOf({ value, label })));
const STRANGE = [
  encodeExample([]),
  encodeExample([['', { kind: 'none' }]]),
  encodeExample([
    ['B1', { kind: 'float', values: [Number.NaN, Number.POSITIVE_INFINITY, -0] }],
    ['label', { kind: 'int64', values: [-1n, 2n ** 63n - 1n, 0n] }],
    ['__proto__', { kind: 'bytes', values: [new Uint8Array(3), new Uint8Array()] }],
    ['constructor', { kind: 'int64', values: [1n] }],
  ]),
];
const SOME = [...SMALL, ...STRANGE];

/** The frames of a file, and nothing of what is in them. */
export const tfrecord: Target = {
  name: 'tfrecord',
  limits: { share: 180, refuses: ['InvalidSceneFile'] },
  make: (dice) => (dice.once(40) ? damagedFile(REAL, dice) : damagedFile(SOME, dice)),
  read: async (file) => {
    const seen: TfRecord[] = [];
    // What was handed out before the bad record is what stands there, byte for byte.
    const isAsWritten = ({ bytes, offset, length }: TfRecord) =>
      Buffer.compare(encodeTfRecord(bytes), file.subarray(offset, offset + length)) === 0;
    let read = 0;
    try {
      for await (const record of readTfRecords('scene', inPieces(file))) {
        assert.equal(record.index, seen.length);
        assert.equal(record.offset, read);
        read += record.length;
        seen.push(record);
      }
      assert.equal(read, file.length);
    } finally {
      assert.ok(seen.every(isAsWritten));
    }
  },
};

/** Pieces of a size that the file itself decides: the same file is read in the same way again. */
export async function* inPieces(file: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = [1 << 20, 7, 64, 1000, 65_536][(file.at(-1) ?? 0) % 5]!;
  const piece = Math.max(size, Math.ceil(file.length / 200));
  for (let at = 0; at < file.length; at += piece) yield file.subarray(at, at + piece);
}

/** What is in a record. */
export const example: Target = {
  name: 'example',
  // A field of two bytes may become an object with a view of the record: 200 bytes, as MAX_FIELDS says.
  limits: { share: 200, refuses: ['InvalidSceneFile'], bytesPerByte: 200 },
  make: (dice) => {
    const record = dice.once(40) ? dice.pick(REAL) : dice.pick(SOME);
    return dice.once(3) ? damage(record, dice, SOME) : damageFields(record, dice);
  },
  read: (bytes) => {
    const record = { file: 'scene', index: 3, offset: 100, length: bytes.length + 16, bytes };
    const features = parseExample(record);
    const held = [...features.values()].map(bytesOf).reduce((sum, size) => sum + size, 0);
    assert.ok(held <= 8 * bytes.length, `${held} bytes of values in a record of ${bytes.length}`);
    // Written in the usual way, it is the same.
    const again = encodeExample(features as Map<string, FeatureToEncode>);
    assert.deepEqual(plain(parseExample({ ...record, bytes: again })), plain(features));
  },
};

/** Floats as numbers, of which there is but one NaN. */
function plain(features: Map<string, Feature>) {
  return new Map(Array.from(features, ([name, one]) => [name, one.kind === 'float' ? [...one.values] : one]));
}

function bytesOf(feature: Feature): number {
  if (feature.kind === 'none') return 0;
  if (feature.kind === 'bytes') return feature.values.reduce((sum, { length }) => sum + length, 0);
  return feature.values.byteLength;
}

/** A scene of the small model. */
export function smallScene(dice: Dice): Uint8Array {
  if (dice.once(30)) return encodeScene([{ value: dice.below(256), label: dice.below(4) }]);
  return damagedFile(SOME, dice);
}
