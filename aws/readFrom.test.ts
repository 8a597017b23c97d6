import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { s3That } from '../test/benches/s3.ts';
import { openScene, readFrom } from './bucket.ts';

/**
 * An object of ten bytes, as the real client reads it; `pulled` is what was taken of its body, `asked` the checksums that
 * were asked for.
 */
function tenBytes(answered: Record<string, string> = {}, options = {}) {
  const pulled: number[] = [];
  const asked: unknown[] = [];
  const bodies: Readable[] = [];
  const s3 = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async ({ headers }: { headers: Record<string, string> }) => {
        asked.push(headers['x-amz-checksum-mode']);
        const body = new Readable({
          read() {
            pulled.push(10);
            this.push(Buffer.from('0123456789'));
            this.push(null);
          },
        });
        bodies.push(body);
        return { response: { statusCode: 200, headers: { 'content-length': '10', ...answered }, body } };
      },
    } as never,
    ...options,
  });
  return { read: readFrom('models', s3), s3, pulled, bodies, asked };
}

test('an object of as many bytes as asked for at most is read whole', async () => {
  assert.equal((await tenBytes().read('a/model.onnx', 10)).length, 10);
  assert.equal((await tenBytes().read('a/model.onnx')).length, 10);
});

test('one of more is refused by its size, and its body is let go of', async () => {
  const { read, pulled, bodies } = tenBytes();
  await assert.rejects(read('a/model.onnx', 9), {
    name: 'ObjectTooLarge',
    message: 's3://models/a/model.onnx has 10 bytes, allowed are at most 9.',
  });
  assert.deepEqual([pulled, bodies[0]?.destroyed], [[], true]);
});

test('one is read into the room that is offered, chunk by chunk', async () => {
  const room = new Uint8Array(16);
  const bytes = await tenBytes().read('prepared/part', undefined, (size) => room.subarray(0, size));
  assert.equal(bytes.buffer, room.buffer);
  assert.equal(Buffer.from(bytes).toString(), '0123456789');
});

test('a small file beside a scene is read as it is now; there may be none', async () => {
  const asked: string[] = [];
  const s3 = s3That((request) => {
    asked.push(request);
    if (request.includes('a.tfw')) return { body: '1', headers: { 'content-length': '1' } };
    if (request.includes('a.wld')) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
    return { body: 'scene', headers: { 'content-length': request.includes('large') ? '1048577' : '5' } };
  });
  const { sibling, close } = await openScene({ bucket: 'inbox', key: 'a.tif', versionId: '1' }, s3);
  close();
  assert.equal(Buffer.from((await sibling!('a.tfw'))!).toString(), '1');
  assert.equal(await sibling!('a.wld'), null);
  await assert.rejects(sibling!('large.tfw'), { name: 'ObjectTooLarge' });
  assert.deepEqual(
    asked.map((request) => request.replace('x-id=GetObject&', '').replace(/[?]x-id=GetObject$/, '')),
    ['GET /inbox/a.tif?versionId=1', 'GET /inbox/a.tfw', 'GET /inbox/a.wld', 'GET /inbox/large.tfw'],
  );
});

describe('the checksum that S3 has of an object', () => {
  const wrong = { 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' };
  const scene = { bucket: 'inbox', key: 'a', versionId: '1' };

  test('is compared for whole reads, even by a client that does not ask for it', async () => {
    for (const options of [{}, { responseChecksumValidation: 'WHEN_REQUIRED' }]) {
      const { read, asked } = tenBytes(wrong, options);
      await assert.rejects(read('a/model.onnx'), /checksum/i);
      assert.deepEqual(asked, ['ENABLED']);
    }
  });

  test('is not asked for, and not computed, for a scene file', async () => {
    const { s3, asked } = tenBytes(wrong, { responseChecksumValidation: 'WHEN_REQUIRED' });
    const { chunks } = await openScene(scene, s3);
    const all: Uint8Array[] = [];
    for await (const chunk of chunks) all.push(chunk);
    assert.equal(Buffer.concat(all).toString(), '0123456789');
    assert.deepEqual(asked, [undefined]);
  });
});
