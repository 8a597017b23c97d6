import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { readFrom } from './bucket.ts';

/** An object of ten bytes, as the real client reads it; `pulled` is what was taken of its body. */
function tenBytes() {
  const pulled: number[] = [];
  const bodies: Readable[] = [];
  const s3 = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async () => {
        const body = new Readable({
          read() {
            pulled.push(10);
            this.push(Buffer.from('0123456789'));
            this.push(null);
          },
        });
        bodies.push(body);
        return { response: { statusCode: 200, headers: { 'content-length': '10' }, body } };
      },
    } as never,
  });
  return { read: readFrom('models', s3), pulled, bodies };
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
