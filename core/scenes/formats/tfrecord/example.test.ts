import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeExample, encodeFeature, encodeTfRecord, sized, varint } from '../../../../test/tfrecord.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_FIELDS } from '../../../base/limits.ts';
import { type Feature, parseExample } from './example.ts';
import { readTfRecord, type TfRecord } from './tfrecord.ts';

const sample = new Uint8Array(readFileSync(new URL('../../../../samples/droughtwatch/part-r-00012', import.meta.url)));
const examples = Array.from({ length: 81 }, (_, index) => {
  const offset = index * 46_743;
  return parseExample(readTfRecord({ file: 'scene', index, offset }, sample.subarray(offset, offset + 46_743)));
});

test('a real file is read as protobuf reads it', () => {
  // From an independent reading in Python with protobuf's own parser (protobuf 7.36).
  const bands = ['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9', 'B10', 'B11'];
  for (const example of examples) assert.deepEqual([...example.keys()].sort(), [...bands, 'label', 'filename'].sort());
  const labels = examples.map((example) => integers(example.get('label'))).join('');
  assert.equal(labels, '112203003001000012000200102200200201000101133010120030202000002000010100010121200');
  assert.equal(Buffer.from(onlyBytes(examples[0]!.get('filename'))).toString(), 'db9efd7d-52c5-4e92-8f68-98696aa41004');
  const sums = [
    12909827, 11904398, 12411453, 15823657, 25063766, 27152448, 21341440, 13510952, 409430, 67874914, 66736789,
  ];
  const sumOf = (band: string) =>
    examples.reduce((sum, example) => onlyBytes(example.get(band)).reduce((a, b) => a + b, sum), 0);
  assert.deepEqual(bands.map(sumOf), sums);
});

test('bytes are views of the file', () => {
  assert.equal(onlyBytes(examples[80]!.get('B11')).buffer, sample.buffer);
});

test('an Example is read as it was written', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const feature: fc.Arbitrary<Feature> = fc.oneof(
    fc.constant({ kind: 'none' as const }),
    fc.array(bytes, { maxLength: 4 }).map((values) => ({ kind: 'bytes' as const, values })),
    fc.float32Array().map((values) => ({ kind: 'float' as const, values })),
    fc.bigInt64Array().map((values) => ({ kind: 'int64' as const, values })),
  );
  const name = fc.string({ unit: 'grapheme', maxLength: 20 });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, feature), { selector: ([name]) => name }), (features) => {
      assert.deepEqual([...parse(encodeExample(features))], features);
    }),
  );
});

const one = Uint8Array.of(1);
const two = Uint8Array.of(2);
const number = Uint8Array.of(0x08, 1);
const float = (value: number) => new Uint8Array(Float32Array.of(value).buffer);
const tag = (field: number, type: number) => varint((field << 3) | type);
/** An Example of one feature `x`, whose Feature message is this. */
const x = (...feature: Uint8Array[]) => sized(1, entry(...feature));
const entry = (...feature: Uint8Array[]) => sized(1, sized(1, Buffer.from('x')), sized(2, ...feature));
const unknown = Buffer.concat([
  Buffer.concat([tag(4, 0), varint(-1)]),
  Buffer.concat([tag(15, 1), new Uint8Array(8)]),
  sized(16, new Uint8Array(300)),
  Buffer.concat([tag(2 ** 28 - 1, 5), new Uint8Array(4)]),
]);

const NONE: Feature = { kind: 'none' };
const bytesOf = (...values: Uint8Array[]): Feature => ({ kind: 'bytes', values });
const entryX = sized(1, unknown, sized(1, Buffer.from('x')), sized(2, unknown, sized(3, unknown, sized(1, two))));
const special = ['\ufeffB1', '__proto__', 'weiß 雪 🛰'].map((name): [string, Feature] => [name, NONE]);
const [firstX, lastX] = [entry(sized(3, sized(1, one))), entry(sized(3, sized(1, two)))];
const y = encodeFeature('y', NONE);
const long = Uint8Array.of(0x87, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00);

const accepted: [what: string, example: Uint8Array, features: Record<string, Feature>][] = [
  ['nothing at all', new Uint8Array(), {}],
  ['no features', sized(1), {}],
  ['a feature without content', x(), { x: NONE }],
  ['a feature without a name or a value', sized(1, sized(1)), { '': NONE }],
  ['an empty list of bytes', x(sized(1)), { x: bytesOf() }],
  ['an empty list of floats', x(sized(2)), { x: floats() }],
  ['an empty list of integers', x(sized(3, sized(1))), { x: int64s() }],
  ['empty bytes', x(sized(1, sized(1))), { x: bytesOf(new Uint8Array()) }],
  [
    'integers one by one, packed, and both',
    x(sized(3, tag(1, 0), varint(-1), sized(1, varint(300), varint(0)), tag(1, 0), varint(2n ** 63n - 1n))),
    { x: int64s(-1n, 300n, 0n, 2n ** 63n - 1n) },
  ],
  [
    'floats one by one, packed, and both',
    x(sized(2, tag(1, 5), float(0.5), sized(1, float(-2), float(Number.NaN)), tag(1, 5), float(Infinity))),
    { x: floats(0.5, -2, Number.NaN, Infinity) },
  ],
  ['numbers in longer forms than they need', x(sized(3, tag(1, 0), long)), { x: int64s(7n) }],
  ['lengths in longer forms than they need', Uint8Array.of(0x8a, 0x00, 0x82, 0x80, 0x00, 0x0a, 0x00), { '': NONE }],
  ['a list in two pieces: joined', x(sized(3, tag(1, 0), one), sized(3, tag(1, 0), two)), { x: int64s(1n, 2n) }],
  ['a list, then one of another kind: the last', x(sized(3, tag(1, 0), one), sized(1)), { x: bytesOf() }],
  [
    'the value before the name',
    sized(1, sized(1, sized(2, sized(3, sized(1, two))), sized(1, Buffer.from('late')))),
    { late: int64s(2n) },
  ],
  ['two features of one name: the last', sized(1, firstX, y, lastX), { x: int64s(2n), y: NONE }],
  ['the features in two pieces: both', Buffer.concat([x(sized(1)), sized(1, y)]), { x: bytesOf(), y: NONE }],
  ['unknown fields: passed over', Buffer.concat([unknown, sized(1, unknown, entryX), unknown]), { x: int64s(2n) }],
  ['names with special characters', encodeExample(special), Object.fromEntries(special)],
];

for (const [what, example, features] of accepted) {
  test(`an Example with ${what}`, () => assert.deepEqual([...parse(example)], Object.entries(features)));
}

const named = (name: Uint8Array) => sized(1, sized(1, sized(1, name)));
// The record starts at byte 100 of the file, its data at byte 112. In `x(…)` the Feature's content starts at byte 121.
const refused: [example: Uint8Array, message: string][] = [
  [Uint8Array.of(0x0a, 5, 0), 'at byte 113: a length of 5 bytes, but 1 are left'],
  [Uint8Array.of(0x0a, 2, 0x0a, 1, 0, 0), 'at byte 115: a length of 1 bytes, but 0 are left'],
  [Buffer.concat([tag(1, 2), varint(2n ** 53n)]), 'at byte 113: a length of 9007199254740992 bytes, but 0 are left'],
  [Uint8Array.of(0x80, 0x80), 'at byte 112: a varint that does not end within its 2 bytes'],
  [Uint8Array.of(0x0a), 'at byte 113: a varint that does not end within its 0 bytes'],
  [Uint8Array.of(...new Uint8Array(10).fill(0x80), 0), 'at byte 112: a varint of more than 10 bytes'],
  [x(sized(3, sized(1, one, Uint8Array.of(0x80)))), 'at byte 126: a varint that does not end within its 1 bytes'],
  [x(sized(3, sized(1, Uint8Array.of(0x80))), sized(1)), 'at byte 125: a varint that does not end within its 1 bytes'],
  [x(sized(2, sized(1, new Uint8Array(7)))), 'at byte 125: a FloatList of 7 bytes; floats take 4 bytes each'],
  [x(sized(2, tag(1, 5), two)), 'at byte 124: a number of 4 bytes, but 1 are left'],
  [Buffer.concat([tag(9, 1), one]), 'at byte 113: a number of 8 bytes, but 1 are left'],
  [Buffer.from('hello'), 'at byte 114: field 13 of Example with wire type 4; allowed: 0, 1, 2, 5'],
  [x(sized(3, tag(1, 5), float(1))), 'at byte 123: field 1 of Int64List with wire type 5; allowed: 2, 0'],
  ...['BytesList', 'FloatList', 'Int64List'].map((name, i): (typeof refused)[number] => [
    x(sized(i + 1, tag(1, 1), new Uint8Array(8))),
    `at byte 123: field 1 of ${name} with wire type 1; allowed: ${['2', '2, 5', '2, 0'][i]}`,
  ]),
  ...Object.entries({
    Features: sized(1, number),
    FeatureEntry: sized(1, sized(1, number)),
    Feature: sized(1, sized(1, sized(2, number))),
  }).map(([name, example]): (typeof refused)[number] => [
    example,
    `at byte ${112 + example.length - 2}: field 1 of ${name} with wire type 0; allowed: 2`,
  ]),
  [Uint8Array.of(0x08, 1), 'at byte 112: field 1 of Example with wire type 0; allowed: 2'],
  [Uint8Array.of(0x23, 0x24), 'at byte 112: field 4 of Example with wire type 3; allowed: 0, 1, 2, 5'],
  [Uint8Array.of(0x26), 'at byte 112: field 4 of Example with wire type 6; allowed: 0, 1, 2, 5'],
  [Uint8Array.of(0x02, 0), 'at byte 112: a field of Example without a valid number'],
  [Buffer.concat([varint(2n ** 32n + 10n), one]), 'at byte 112: a field of Example without a valid number'],
  [named(Uint8Array.of(0x42, 0xff)), "at byte 118: a feature's name of 2 bytes that is not UTF-8"],
  [
    Buffer.alloc(2 * MAX_FIELDS + 2, Uint8Array.of(0x48, 1)),
    `at byte ${112 + 2 * MAX_FIELDS}: more than ${MAX_FIELDS} fields`,
  ],
];

for (const [example, message] of refused) {
  test(`an Example is invalid: ${message}`, () => {
    const expected = new InvalidSceneFile(`scene: record 7 at byte 100 is not a tf.train.Example: ${message}`);
    assert.throws(() => parse(example), expected);
  });
}

/** Reads `data` as the record of a file: it starts at byte 100. */
function parse(data: Uint8Array): Map<string, Feature> {
  const record: TfRecord = readTfRecord({ file: 'scene', index: 7, offset: 100 }, encodeTfRecord(data));
  return parseExample(record);
}

function floats(...values: number[]): Feature {
  return { kind: 'float', values: Float32Array.from(values) };
}

function int64s(...values: bigint[]): Feature {
  return { kind: 'int64', values: BigInt64Array.from(values) };
}

function onlyBytes(feature: Feature | undefined): Uint8Array {
  assert.ok(feature?.kind === 'bytes' && feature.values.length === 1);
  return feature.values[0]!;
}

function integers(feature: Feature | undefined): BigInt64Array {
  assert.ok(feature?.kind === 'int64');
  return feature.values;
}
