import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeTfRecord, readTfRecords } from '../../../../test/tfrecord.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { maskedCrc32c } from './crc32c.ts';
import { FRAME_BYTES, makeRecordCutter, readTfRecord, type TfRecord } from './tfrecord.ts';

const sampleUrl = new URL('../../../../samples/droughtwatch/part-r-00012', import.meta.url);
const sample = new Uint8Array(readFileSync(sampleUrl));

test('a real file is read as a stream from the disk', async () => {
  const records = await read(createReadStream(sampleUrl));
  // From an independent reading in Python (struct, google-crc32c): 81 records, each taking 46,743 bytes.
  const places = records.map(({ offset, length }) => `${offset} ${length}`).join('\n');
  const digest = createHash('sha256').update(places).digest('hex');
  assert.equal(digest, 'c8402ef64706a45e2dc9177ee9c4d8c96d8720527422a8dedaaf4b1ff5dcc361');
  assert.deepEqual(
    { ...records[80], bytes: undefined },
    { file: 'scene', index: 80, offset: 3739440, length: 46743, bytes: undefined },
  );
  for (const { offset, length, bytes } of records) {
    assert.deepEqual(bytes, sample.subarray(offset + 12, offset + length - 4));
  }
});

test('the records are the same, however the file is split into chunks', async () => {
  const files = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(files, fc.array(fc.nat(50)), async (datas, sizes) => {
      const file = joined(datas.map(encodeTfRecord));
      const records = await read(cut(file, sizes));
      assert.deepEqual(
        records.map(({ bytes }) => bytes),
        datas,
      );
      for (const record of records) {
        assert.deepEqual(readTfRecord(record, file.subarray(record.offset, record.offset + record.length)), record);
      }
    }),
  );
});

test('a record of several megabytes in many chunks', async () => {
  const data = Uint8Array.from({ length: 3_000_000 }, (_, i) => i * i);
  const records = await read(cut(joined([encodeTfRecord(data), encodeTfRecord(data)]), Array(200).fill(65_536)));
  assert.equal(records.length, 2);
  for (const { bytes } of records) assert.ok(Buffer.from(data).equals(bytes));
});

test('a record within one chunk is a view of it', () => {
  const [record] = makeRecordCutter('scene', sample.length).cut(sample.subarray(0, 50_000));
  assert.equal(record!.bytes.buffer, sample.buffer);
});

const two = joined([encodeTfRecord(Buffer.from('hello')), encodeTfRecord(Buffer.from('scene'))]);
const second = 'scene: record 1 at byte 21';
const foreign = (start: string, found: string) =>
  `scene: is in no format that Swath reads: it starts with ${start}. As a TFRecord file, it is damaged at its start: record 0 at byte 0: ${found}`;
// The checksums are from google-crc32c (Python) and TensorFlow's mask.
const bad: [file: Uint8Array, message: string][] = [
  [new Uint8Array(), 'scene: is empty (0 bytes); a TFRecord file holds at least one record'],
  [two.subarray(0, 26), `${second} is cut short: 5 of the 12 bytes of its header are there`],
  [two.subarray(0, 33), `${second} is cut short: 0 of its 5 bytes of data are there`],
  [two.subarray(0, 36), `${second} is cut short: 3 of its 5 bytes of data are there`],
  [two.subarray(0, 38), `${second} is cut short: its 5 bytes of data and 0 of the 4 bytes of its checksum are there`],
  [two.subarray(0, 41), `${second} is cut short: its 5 bytes of data and 3 of the 4 bytes of its checksum are there`],
  [
    joined([two, Buffer.from('\n')]),
    'scene: record 2 at byte 42 is cut short: 1 of the 12 bytes of its header are there',
  ],
  [damaged(two, 21), `${second} is damaged: the checksum of its length is 0x3e04b2ea, computed it is 0x04524542`],
  [damaged(two, 33), `${second} is damaged: the checksum of its data is 0x324e06c3, computed it is 0xf31656a1`],
  [damaged(two, 41), `${second} is damaged: the checksum of its data is 0x334e06c3, computed it is 0x324e06c3`],
  [
    Buffer.from('id,label\n1,0\n'),
    foreign('“id,label\\x0a1,0”', 'the checksum of its length is 0x302c310a, computed it is 0x227b1564'),
  ],
  [Buffer.from('hi\n'), foreign('“hi\\x0a”', '3 of the 12 bytes of its header are there')],
];

for (const [file, message] of bad) {
  test(`however it is cut into chunks, ${message}`, async () => {
    for (const size of [1, 7, 100]) {
      await assert.rejects(read(cut(file, Array(100).fill(size))), new InvalidSceneFile(message));
    }
  });
}

test('records before an invalid one are returned', async () => {
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const { bytes } of readTfRecords('scene', inOrder([damaged(two, 33)])))
      seen.push(String.fromCharCode(...bytes));
  }, InvalidSceneFile);
  assert.deepEqual(seen, ['hello']);
});

test('more data than allowed is refused by its length alone', async () => {
  assert.equal((await read([two], 5)).length, 2);
  await assert.rejects(
    read([two], 4),
    /record 0 at byte 0 is too long: it has 5 bytes of data, at most 4 are allowed \(the parameter maxRecordBytes\)$/,
  );
  await assert.rejects(
    read([claim(2n ** 64n - 1n)]),
    /it has 18446744073709551615 bytes of data, at most 67108864 are/,
  );
});

test('a length beyond the end of the file allocates no memory', async () => {
  // As many bytes could not be had: asking for them would end in a RangeError.
  for (const there of [0, 3_000_000]) {
    const message = new RegExp(`is cut short: ${there} of its 4503599627370496 bytes of data are there$`);
    await assert.rejects(read([claim(2n ** 52n), new Uint8Array(there)], 2 ** 53), {
      name: 'InvalidSceneFile',
      message,
    });
  }
});

test('a ranged read must bring exactly the record', () => {
  const place = { file: 'scene', index: 1, offset: 21 };
  const record = { ...place, length: 21, bytes: new Uint8Array(Buffer.from('scene')) };
  assert.deepEqual(readTfRecord(place, two.subarray(21)), record);
  assert.equal(record.length, record.bytes.length + FRAME_BYTES);
  const ranges: [range: Uint8Array, message: RegExp][] = [
    [two.subarray(21, 21), /^scene: record 1 at byte 21 is cut short: 0 of the 12 bytes of its header are there$/],
    [two.subarray(21, 41), /is cut short: its 5 bytes of data and 3 of the 4 bytes of its checksum are there$/],
    [two.subarray(20, 41), /is damaged: the checksum of its length is/],
    [damaged(two, 33).subarray(21), /is damaged: the checksum of its data is/],
    [joined([two.subarray(21), two]), /takes 21 bytes of the file, not 63$/],
  ];
  for (const [range, message] of ranges) {
    assert.throws(() => readTfRecord(place, range), { name: 'InvalidSceneFile', message });
  }
});

/** All records, kept as they came. */
async function read(chunks: AsyncIterable<Uint8Array> | Uint8Array[], maxRecordBytes?: number): Promise<TfRecord[]> {
  const records: TfRecord[] = [];
  const source = Array.isArray(chunks) ? inOrder(chunks) : chunks;
  for await (const record of readTfRecords('scene', source, maxRecordBytes)) records.push(record);
  return records;
}

async function* inOrder(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Chunks of these sizes, 0 allowed, and one with what is left. */
async function* cut(bytes: Uint8Array, sizes: Iterable<number>): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
    if (at >= bytes.length) return;
  }
  yield bytes.subarray(at);
}

function damaged(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

/** The header of a record that claims to be so long, with a right checksum. */
function claim(length: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(maskedCrc32c(bytes));
  return joined([bytes, checksum]);
}

function joined(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
