import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { listVersionsIn, readVersionFrom, removeVersionFrom, replaceVersionIn } from './bucket.ts';

type Request = { method: string; path: string; query: Record<string, string>; headers: Record<string, string> };
type Answer = { statusCode: number; headers?: Record<string, string>; body?: string };

/** The real client, with a bucket that answers so. */
function bucketThat(answers: (request: Request) => Answer) {
  const asked: Request[] = [];
  const s3 = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async (request: Request) => {
        asked.push(request);
        const { body = '', ...answer } = answers(request);
        return { response: { headers: {}, ...answer, body: Readable.from([Buffer.from(body)]) } };
      },
    } as never,
  });
  return { s3, asked };
}

const versionOf = (key: string, id: string) =>
  `<Version><Key>${key}</Key><VersionId>${id}</VersionId><ETag>&quot;of-${id}&quot;</ETag></Version>`;

test('every version under a prefix is listed, on as many pages as there are, and no delete marker', async () => {
  const key = 'predictions/a+b-00000.parquet'; // as S3 encodes it: a space
  const { s3, asked } = bucketThat(({ query }) => ({
    statusCode: 200,
    body:
      query['key-marker'] === undefined
        ? `<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>${key}</NextKeyMarker><NextVersionIdMarker>v7</NextVersionIdMarker>${versionOf(key, 'v7')}<DeleteMarker><Key>${key}</Key><VersionId>v8</VersionId></DeleteMarker></ListVersionsResult>`
        : `<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${versionOf(key, 'v6')}</ListVersionsResult>`,
  }));
  const found = await listVersionsIn('results', s3)('predictions/a');
  assert.deepEqual(
    found.map((one) => [one.key, one.version.split(' ')[0]]),
    [
      ['predictions/a b-00000.parquet', 'v7'],
      ['predictions/a b-00000.parquet', 'v6'],
    ],
  );
  assert.deepEqual(
    asked.map(({ query }) => [query['prefix'], query['key-marker'], query['version-id-marker']]),
    [
      ['predictions/a', undefined, undefined],
      ['predictions/a', 'predictions/a b-00000.parquet', 'v7'],
    ],
  );
});

test('a version is removed by its id, so that a later one stays', async () => {
  const { s3, asked } = bucketThat(() => ({ statusCode: 204 }));
  await removeVersionFrom('results', s3)({ key: 'predictions/a.parquet', version: 'v7 "tag"' });
  const [{ method, path, query } = assert.fail()] = asked;
  assert.deepEqual([method, path, query['versionId']], ['DELETE', '/predictions/a.parquet', 'v7']);
});

for (const { what, headers, id } of [
  { what: 'of a bucket with versions', headers: { 'x-amz-version-id': 'v7', etag: '"tag"' }, id: 'v7' },
  { what: 'of a bucket without', headers: { etag: '"tag"' }, id: 'null' },
])
  test(`what was read or written ${what} is replaced by its entity tag, and removed by its id`, async () => {
    const { s3, asked } = bucketThat(() => ({ statusCode: 200, headers }));
    const [read, replace, remove] = [
      readVersionFrom('results', s3),
      replaceVersionIn('results', s3),
      removeVersionFrom('results', s3),
    ];
    const { version } = (await read('a'))!;
    const written = (await replace('a', new Uint8Array(1), version))!;
    await replace('a', new Uint8Array(1), null);
    await remove({ key: 'a', version: written });
    const [, first, second, removal] = asked;
    assert.deepEqual([first?.headers['if-match'], second?.headers['if-none-match']], ['"tag"', '*']);
    assert.equal(removal?.query['versionId'], id);
  });

test('a temporary error does not count as an answer to whether an object exists', async () => {
  const { s3 } = bucketThat(() => ({ statusCode: 403 }));
  await assert.rejects(readVersionFrom('results', s3)('predictions/a.parquet'));
  await assert.rejects(listVersionsIn('results', s3)('predictions/a'));
});
