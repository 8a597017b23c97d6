import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, beforeEach, describe, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { temporaryFolder } from '../../test/swath.ts';
import { makeSend } from './upload.ts';

/** As much of S3 as an upload asks for: objects with versions and metadata, in one piece or in parts. */
type Version = { bytes: Buffer; digest: string | undefined };
const objects = new Map<string, Version[]>();
const parts = new Map<string, Buffer>();
/** What an upload in parts says that its bytes are. */
const digests = new Map<string, string | undefined>();
const asked: string[] = [];
let refuse = '';
/** Hears of each part. */
let onPart = () => {};

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
  const key = decodeURIComponent(pathname).replace('/inbox/', '');
  const upload = searchParams.get('uploadId');
  const body = await buffer(request);
  const what = `${request.method} ${upload === null ? (searchParams.has('uploads') ? 'parts' : 'object') : 'part'}`;
  asked.push(what);
  const answer = (status: number, headers: Record<string, string> = {}, text = '') => {
    response.writeHead(status, { 'content-type': 'application/xml', ...headers });
    response.end(text);
  };
  const add = (bytes: Buffer, digest: string | undefined) => {
    const versions = [...(objects.get(key) ?? []), { bytes, digest }];
    objects.set(key, versions);
    return { 'x-amz-version-id': `v${versions.length}` };
  };
  if (what === refuse)
    return answer(403, {}, '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');
  if (what === 'HEAD object') {
    const versions = objects.get(key);
    const digest = versions?.at(-1)?.digest;
    return versions === undefined
      ? answer(404)
      : answer(200, {
          'x-amz-version-id': `v${versions.length}`,
          ...(digest !== undefined && { 'x-amz-meta-sha256': digest }),
        });
  }
  const digest = request.headers['x-amz-meta-sha256'] as string | undefined;
  if (what === 'PUT object') return answer(200, add(body, digest));
  if (what === 'POST parts') {
    digests.set(key, digest);
    return answer(200, {}, '<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>');
  }
  if (what === 'PUT part') {
    parts.set(searchParams.get('partNumber')!.padStart(5, '0'), body);
    onPart();
    return answer(200, { etag: '"part"' });
  }
  if (what === 'DELETE part') {
    parts.clear();
    return answer(204);
  }
  const whole = Buffer.concat([...parts].sort(([a], [b]) => a.localeCompare(b)).map(([, bytes]) => bytes));
  parts.clear();
  answer(
    200,
    add(whole, digests.get(key)),
    '<CompleteMultipartUploadResult><Key>k</Key></CompleteMultipartUploadResult>',
  );
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const s3 = new S3Client({
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  forcePathStyle: true,
  region: 'us-east-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  requestChecksumCalculation: 'WHEN_REQUIRED', // bodies as they are, without a trailer
});
after(() => {
  s3.destroy();
  server.closeAllConnections();
  server.close();
});

const folder = temporaryFolder();
const file = join(folder, 'scene.tfrecord');
const send = makeSend(s3, 'inbox', 'in/');
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const keyOf = (content: Uint8Array | string, prefix = '') =>
  `in/${prefix}${sha256(content).slice(0, 12)}/scene.tfrecord`;

describe('an upload', () => {
  beforeEach(() => {
    for (const one of [objects, parts, digests]) one.clear();
    asked.length = 0;
    refuse = '';
    onPart = () => {};
  });

  describe('a file that is sent', () => {
    test("gets a key of its content and name, under the inbox's prefix", async () => {
      writeFileSync(file, 'chips');
      const progress: number[] = [];
      const sent = await send(file, { onProgress: (bytes) => progress.push(bytes) });
      const key = keyOf('chips');
      assert.deepEqual(sent, { scene: { bucket: 'inbox', key, versionId: 'v1' }, eventFollows: true });
      assert.deepEqual(objects.get(key), [{ bytes: Buffer.from('chips'), digest: sha256('chips') }]);
      assert.deepEqual(progress, [5]);
      assert.equal((await send(file, { keyPrefix: 'north/2026/' })).scene.key, keyOf('chips', 'north/2026/'));
    });

    test('is the same scene when sent again, and nothing is written', async () => {
      writeFileSync(file, 'chips');
      const { scene } = await send(file);
      asked.length = 0;
      assert.deepEqual(await send(file), { scene, eventFollows: false });
      assert.deepEqual(asked, ['HEAD object']);
    });

    test('is a new version if another object was put under its key', async () => {
      writeFileSync(file, 'chips');
      objects.set(keyOf('chips'), [{ bytes: Buffer.from('other'), digest: undefined }]);
      const { scene, eventFollows } = await send(file);
      assert.deepEqual([scene.versionId, eventFollows], ['v2', true]);
    });

    test('may be empty', async () => {
      writeFileSync(file, '');
      await send(file);
      assert.equal(objects.get(keyOf(''))?.[0]?.bytes.length, 0);
    });

    test('may be larger than one request: it is uploaded in parts, and visible once complete', async () => {
      const large = Buffer.alloc(20 << 20, 'chip');
      writeFileSync(file, large);
      let last = 0;
      const seen: (Version[] | undefined)[] = [];
      onPart = () => seen.push(objects.get(keyOf(large)));
      await send(file, { onProgress: (bytes) => (last = bytes) });
      assert.equal(asked.filter((what) => what === 'PUT part').length, 3);
      assert.deepEqual([seen, last], [[undefined, undefined, undefined], large.length]);
      const version = objects.get(keyOf(large))![0]!;
      assert.ok(version.bytes.equals(large));
      assert.equal(version.digest, sha256(large));
    });
  });

  describe('nothing arrives', () => {
    const large = Buffer.alloc(20 << 20, 'chip');

    for (const [size, content] of [
      ['small', Buffer.from('chips')],
      ['large', large],
    ] as const)
      test(`of a ${size} file that changes while it is sent`, async () => {
        writeFileSync(file, content);
        const sendLate = makeSend(
          changing('HEAD object', () => appendFileSync(file, '!')),
          'inbox',
          '',
        );
        await assert.rejects(sendLate(file), {
          name: 'SceneFileChanged',
          message: /changed while it was sent, so nothing/,
        });
        assert.deepEqual([objects.size, parts.size], [0, 0]);
      });

    test('of one that is given up in the middle', async () => {
      writeFileSync(file, large);
      const stopping = new AbortController();
      onPart = () => stopping.abort();
      await assert.rejects(send(file, { signal: stopping.signal }), { name: 'AbortError' });
      assert.ok(asked.includes('DELETE part'));
      assert.equal(objects.size, 0);
    });

    test('where it may not be looked or put', async () => {
      writeFileSync(file, 'chips');
      for (refuse of ['HEAD object', 'PUT object']) {
        await assert.rejects(send(file), (error: Error) => Reflect.get(error, '$metadata').httpStatusCode === 403);
        assert.equal(objects.size, 0);
      }
    });
  });
});

/** The client, with something that happens after such a request. */
function changing(after: string, happen: () => void): S3Client {
  const sending = s3.send.bind(s3);
  const client = Object.create(s3) as S3Client;
  return Object.assign(client, {
    send: async (command: Parameters<typeof sending>[0]) => {
      try {
        return await sending(command);
      } finally {
        if (asked.at(-1) === after) happen();
      }
    },
  });
}
