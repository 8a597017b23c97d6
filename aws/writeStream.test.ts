import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type S3Answer, s3That } from '../test/benches/s3.ts';
import { writeStreamTo } from './writeStream.ts';

const MB = 1024 ** 2;
const KEY = 'maps/a.tif';

/** A bucket that keeps what it is sent; `answer` may say something else. */
function bucketThat(answer: (asked: string) => S3Answer | undefined = () => undefined) {
  const asked: string[] = [];
  const s3 = s3That((request) => {
    const name = request.replace(/&?x-id=\w+/, '').replace(/[?]$/, '');
    asked.push(name);
    return answer(name) ?? usual(name);
  });
  return { write: writeStreamTo('results', s3), asked };
}

function usual(asked: string): S3Answer {
  if (asked.startsWith('POST') && asked.includes('uploads'))
    return { body: '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>' };
  const headers = { etag: '"tag"', 'x-amz-version-id': 'v7' };
  if (asked.startsWith('POST'))
    return {
      headers,
      body: '<CompleteMultipartUploadResult><ETag>&quot;whole-2&quot;</ETag></CompleteMultipartUploadResult>',
    };
  return { headers };
}

async function* chunks(...sizes: number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size);
}

describe('an object that comes piece by piece', () => {
  test('is one request where it is small, and its version is known', async () => {
    const { write, asked } = bucketThat();
    const written = await write(KEY, { size: 30, chunks: chunks(10, 20) });
    assert.deepEqual(asked, [`PUT /results/${KEY}`]);
    assert.equal(written.key, KEY);
    assert.match(written.version, /^v7 /);
  });

  test('may be empty', async () => {
    const { write, asked } = bucketThat();
    await write(KEY, { size: 0, chunks: chunks() });
    assert.deepEqual(asked, [`PUT /results/${KEY}`]);
  });

  test('is written in parts where it is large, and is there when they are joined', async () => {
    const { write, asked } = bucketThat();
    const written = await write(KEY, { size: 17 * MB, chunks: chunks(...new Array(17).fill(MB)) });
    assert.match(asked[0]!, /^POST .*uploads/);
    const parts = asked.filter((name) => name.startsWith('PUT')).map((name) => /partNumber=(\d+)/.exec(name)?.[1]);
    assert.deepEqual(parts.sort(), ['1', '2', '3']);
    assert.match(asked.at(-1)!, /^POST .*uploadId=u1/);
    assert.match(written.version, /^v7 /);
  });

  test('has no more parts than S3 allows, however large it is', async () => {
    const { write, asked } = bucketThat();
    // It says that it has 160 GB, so a part has 16 MB and more: 30 MB are two of them.
    await write(KEY, { size: 160_000 * MB, chunks: chunks(...new Array(30).fill(MB)) });
    assert.equal(asked.filter((name) => name.startsWith('PUT')).length, 2);
  });

  test('leaves no parts behind if one is refused, because stored parts cost money', async () => {
    const { write, asked } = bucketThat((name) =>
      name.includes('partNumber=2') ? { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' } : undefined,
    );
    await assert.rejects(write(KEY, { size: 17 * MB, chunks: chunks(...new Array(17).fill(MB)) }), {
      name: 'AccessDenied',
    });
    assert.ok(asked.some((name) => name.startsWith('DELETE') && name.includes('uploadId=u1')));
    assert.ok(!asked.some((name) => name.startsWith('POST') && name.includes('uploadId')), 'nothing is joined');
  });

  test('leaves no parts where its pieces end in an error', async () => {
    const { write, asked } = bucketThat();
    async function* broken() {
      yield* chunks(...new Array(10).fill(MB));
      throw new Error('the temporary file was cut short');
    }
    await assert.rejects(write(KEY, { size: 17 * MB, chunks: broken() }), /cut short/);
    assert.ok(asked.some((name) => name.startsWith('DELETE') && name.includes('uploadId=u1')));
    assert.ok(!asked.some((name) => name.startsWith('POST') && name.includes('uploadId')), 'nothing is joined');
  });
});
