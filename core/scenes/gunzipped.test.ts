import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { streamOf } from '../../test/benches/sceneFiles.ts';
import { InvalidSceneFile } from '../base/errors.ts';
import { SCENE_LIMITS } from '../base/limits.ts';
import { gunzipped, mostUnpacked } from './gunzipped.ts';

const plain = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * i) >> 7);
const packed = gzipSync(plain);

async function unpack(bytes: Uint8Array, { most = 1e9, size = 5000 } = {}) {
  const { scene, seen } = streamOf(bytes, { key: 'a.gz', size });
  const pieces: Uint8Array[] = [];
  let error: unknown;
  try {
    for await (const piece of gunzipped(scene, most)) pieces.push(piece);
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(seen.closed);
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
  for (const [bytes, most, message] of [
    [packed.subarray(0, -9), undefined, /^a.gz: its gzip is cut short, after unpacking to \d+ bytes/],
    [
      Uint8Array.from(packed, (byte, i) => (i === packed.length - 6 ? byte ^ 1 : byte)),
      undefined,
      /^a.gz: its gzip is damaged \(incorrect data check\), after unpacking to \d+ bytes/,
    ],
    [
      Buffer.concat([packed, Buffer.alloc(20_000)]),
      undefined,
      /^a.gz: its gzip ends at byte \d+, and something else stands behind; allowed is gzip alone$/,
    ],
    [packed, 999_999, /unpack to more than 999999, which is the limit/],
  ] as const)
    test(String(message), async () => {
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
  const { scene, seen } = streamOf(packed);
  for await (const _ of gunzipped(scene, 1e9)) break;
  assert.ok(seen.closed);
});

test('the unpacked size is limited by a ratio, except for small files', () => {
  const limits = { ...SCENE_LIMITS, maxFileBytes: 10_000, maxRecordBytes: 1000 };
  assert.deepEqual(
    [2, 10, 100].map((size) => mostUnpacked(size, limits)),
    [1000, 2000, 10_000],
  );
});
