import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { listScenesIn } from './bucket.ts';

/** The pages of the inbox, as the real client reads them. */

const PAGES = [
  // Encoded as S3 does it where it is asked to: what XML cannot say is said nevertheless.
  `<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>scenes/a%0D+%2B%01%25</NextKeyMarker><NextVersionIdMarker>v2</NextVersionIdMarker>
   <Version><Key>scenes/a%0D+%2B%01%25</Key><VersionId>v2</VersionId><LastModified>2026-03-01T10:00:00.000Z</LastModified></Version>
   <DeleteMarker><Key>scenes/a%0D+%2B%01%25</Key><VersionId>v3</VersionId></DeleteMarker></ListVersionsResult>`,
  `<ListVersionsResult><IsTruncated>false</IsTruncated>
   <Version><Key>scenes/b</Key><VersionId>null</VersionId><LastModified>2026-03-02T10:00:00.000Z</LastModified></Version></ListVersionsResult>`,
];

/** A key with what XML would change, or cannot hold. */
const A = 'scenes/a\r +\u0001%';

test('every version under the prefix is listed, page by page, with the time at which it arrived', async () => {
  const asked: Record<string, string>[] = [];
  const s3 = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async ({ query }: { query: Record<string, string> }) => {
        asked.push(query);
        const body = Readable.from([Buffer.from(PAGES[asked.length - 1]!)]);
        return { response: { statusCode: 200, headers: { 'content-type': 'application/xml' }, body } };
      },
    } as never,
  });
  const list = listScenesIn('inbox', 'scenes/', s3);
  const first = await list(null);
  const second = await list(first.cursor);
  assert.deepEqual(
    [...first.scenes, ...second.scenes],
    [
      { bucket: 'inbox', key: A, versionId: 'v2', lastModified: '2026-03-01T10:00:00.000Z' },
      { bucket: 'inbox', key: 'scenes/b', versionId: 'null', lastModified: '2026-03-02T10:00:00.000Z' },
    ],
  );
  assert.equal(second.cursor, null);
  assert.deepEqual(
    asked.map((query) => query['encoding-type']),
    ['url', 'url'],
  );
  assert.deepEqual(
    asked.map((query) => [query['prefix'], query['key-marker'], query['version-id-marker']]),
    [
      ['scenes/', undefined, undefined],
      ['scenes/', A, 'v2'],
    ],
  );
});
