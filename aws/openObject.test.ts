import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { ObjectNotFound } from '../core/base/errors.ts';
import { openObjectIn } from './openObject.ts';

const OBJECT = Buffer.from('0123456789');

/** An object of ten bytes, as the real client asks for it; of other keys there is none. */
function tenBytes() {
  const asked: string[] = [];
  const s3 = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async (request: { method: string; path: string; headers: Record<string, string> }) => {
        const { method, path, headers } = request;
        const range = headers['range'] ?? '';
        asked.push(`${method} ${range}`.trim());
        if (!path.endsWith('ten')) return { response: { statusCode: 404, headers: {}, body: Readable.from([]) } };
        const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [null, '0', '9'];
        const bytes = OBJECT.subarray(Number(from), Number(to) + 1);
        const body = method === 'HEAD' ? Readable.from([]) : Readable.from([bytes]);
        return {
          response: { statusCode: range === '' ? 200 : 206, headers: { 'content-length': String(bytes.length) }, body },
        };
      },
    } as never,
  });
  return { open: openObjectIn('results', s3), asked };
}

test('an object is asked for its size, then for no byte beyond its end', async () => {
  const { open, asked } = tenBytes();
  const { size, range, chunks } = await open('maps/ten');
  assert.equal(size, 10);
  assert.equal(Buffer.from(await range(8, 100)).toString(), '89');
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks()) parts.push(chunk);
  assert.deepEqual(Buffer.concat(parts), OBJECT);
  assert.deepEqual(asked, ['HEAD', 'GET bytes=8-9', 'GET']);
});

test('one that is not there is not found', async () => {
  await assert.rejects(tenBytes().open('maps/none'), ObjectNotFound);
});
