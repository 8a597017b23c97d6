import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { InvalidSceneFile } from '../base/errors.ts';
import { SCENE_LIMITS } from '../base/limits.ts';
import { gunzipped, mostUnpacked } from './gunzipped.ts';

const plain = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * i) >> 7);
const packed = gzipSync(plain);

/** Chunks whose buffer is written over as soon as the next is asked for. */
function fileOf(bytes: Uint8Array, size = 5000) {
  const state = { closed: false };
  const chunks = async function* () {
    const buffer = new Uint8Array(size);
    try {
      for (let at = 0; at < bytes.length; at += size) {
        const piece = bytes.subarray(at, at + size);
        buffer.fill(0xff);
        buffer.set(piece);
        yield buffer.subarray(0, piece.length);
      }
    } finally {
      state.closed = true;
    }
  };
  return { state, file: { key: 'a.gz', size: bytes.length, chunks: chunks() } };
}

async function unpack(bytes: Uint8Array, { most = 1e9, size = 5000 } = {}) {
  const { state, file } = fileOf(bytes, size);
  const pieces: Uint8Array[] = [];
  let error: unknown;
  try {
    for await (const piece of gunzipped(file, most)) pieces.push(piece);
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(state.closed);
  return { bytes: Buffer.concat(pieces), error };
}

for (const size of [1000, 5000, packed.length])
  test(`a file is unpacked from chunks of ${size} bytes, and its pieces are not overwritten`, async () => {
    const { bytes, error } = await unpack(packed, { size });
    assert.equal(error, undefined);
    assert.ok(bytes.equals(plain));
  });

test('consecutive gzip members are one file', async () => {
  const { bytes } = await unpack(Buffer.concat([packed, packed]));
  assert.ok(bytes.equals(Buffer.concat([plain, plain])));
});

describe('a gzip file is refused with the reason:', () => {
  for (const { what, bytes, most, message } of [
    {
      what: 'cut short',
      bytes: packed.subarray(0, -9),
      message: /^a.gz: its gzip is cut short, after unpacking to \d+ bytes/,
    },
    {
      what: 'damaged',
      bytes: Uint8Array.from(packed, (byte, i) => (i === packed.length - 6 ? byte ^ 1 : byte)),
      message: /^a.gz: its gzip is damaged \(incorrect data check\), after unpacking to \d+ bytes/,
    },
    {
      what: 'with data after its end',
      bytes: Buffer.concat([packed, Buffer.alloc(20_000)]),
      message: /^a.gz: its gzip ends at byte \d+, and something else stands behind; allowed is gzip alone$/,
    },
    {
      what: 'with too much content',
      bytes: packed,
      most: 999_999,
      message: /unpack to more than 999999, which is the limit/,
    },
  ])
    test(what, async () => {
      const { error } = await unpack(bytes, { most });
      assert.ok(error instanceof InvalidSceneFile);
      assert.match(error.message, message);
    });

  test('a bomb, of which no more is unpacked than allowed', async () => {
    const { bytes, error } = await unpack(gzipSync(Buffer.alloc(50_000_000)), { most: 2 ** 20 });
    assert.ok(error instanceof InvalidSceneFile && bytes.length <= 2 ** 20);
  });
});

test('an error of the source is passed on', async () => {
  const trouble = new Error('the network is gone');
  const chunks = async function* () {
    yield packed.subarray(0, 5000);
    throw trouble;
  };
  const reading = gunzipped({ key: 'a', size: packed.length, chunks: chunks() }, 1e9);
  await assert.rejects(async () => {
    for await (const _ of reading);
  }, trouble);
});

test('the source is closed when the reader stops early', async () => {
  const { state, file } = fileOf(packed, 1000);
  for await (const _ of gunzipped(file, 1e9)) break;
  assert.ok(state.closed);
});

test('the unpacked size is limited by a ratio, except for small files', () => {
  const limits = { ...SCENE_LIMITS, maxFileBytes: 10_000, maxRecordBytes: 1000 };
  assert.deepEqual(
    [2, 10, 100].map((size) => mostUnpacked(size, limits)),
    [1000, 2000, 10_000],
  );
});
