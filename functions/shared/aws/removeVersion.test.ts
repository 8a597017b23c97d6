import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { findVersionIn, removeVersionFrom } from './bucket.ts';

type Request = { method: string; path: string; query: Record<string, string> };

/** The real client, with a bucket that answers so. */
function bucketThat(answers: (request: Request) => { statusCode: number; headers?: Record<string, string> }) {
  const asked: Request[] = [];
  const s3 = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async (request: Request) => {
        asked.push(request);
        return { response: { headers: {}, body: Readable.from([]), ...answers(request) } };
      },
    } as never,
  });
  return { s3, asked };
}

for (const { what, statusCode, headers, version } of [
  { what: 'of a bucket with versions', statusCode: 200, headers: { 'x-amz-version-id': 'v7' }, version: 'v7' },
  { what: 'of a bucket without', statusCode: 200, headers: {}, version: 'null' },
  { what: 'that is not there', statusCode: 404, headers: {}, version: null },
])
  test(`an object ${what} has the version ${version}`, async () => {
    const { s3, asked } = bucketThat(() => ({ statusCode, headers }));
    assert.equal(await findVersionIn('results', s3)('predictions/a.parquet'), version);
    assert.equal(asked[0]?.method, 'HEAD');
  });

test('trouble is no answer to whether an object is there', async () => {
  const { s3 } = bucketThat(() => ({ statusCode: 403 }));
  await assert.rejects(findVersionIn('results', s3)('predictions/a.parquet'));
});

test('a version is removed by its id, so that a later one stays', async () => {
  const { s3, asked } = bucketThat(() => ({ statusCode: 204 }));
  await removeVersionFrom('results', s3)('predictions/a.parquet', 'v7');
  const [{ method, path, query } = assert.fail()] = asked;
  assert.deepEqual([method, path, query['versionId']], ['DELETE', '/predictions/a.parquet', 'v7']);
});
