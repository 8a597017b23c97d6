import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type S3Answer, s3That } from '../test/benches/s3.ts';
import { listInventoryOf } from './listInventory.ts';

const AT = { bucket: 'archive', prefix: 'c2/' };
const object = (key: string) =>
  `<Contents><Key>${key}</Key><LastModified>2026-10-19T10:00:00.000Z</LastModified><ETag>"e"</ETag><Size>5</Size></Contents>`;
const list = (answer: (asked: string) => S3Answer) =>
  listInventoryOf(
    (bucket) => bucket === 'archive',
    s3That((asked) => ({ headers: { 'content-type': 'application/xml' }, ...answer(asked) })),
  );

test('an archive is listed page by page, with what tells a change of an object', async () => {
  const asked: string[] = [];
  const pages = [
    `<ListBucketResult><EncodingType>url</EncodingType>${object('c2/a%2Bb+c.tif')}<IsTruncated>true</IsTruncated><NextContinuationToken>next</NextContinuationToken></ListBucketResult>`,
    '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>',
  ];
  const page = list((one) => ({ body: pages[asked.push(one) - 1]! }));
  const first = await page(AT, null);
  const known = { key: 'c2/a+b c.tif', lastModified: '2026-10-19T10:00:00.000Z', size: 5, etag: 'e' };
  assert.deepEqual(first, { objects: [known], cursor: 'next' });
  assert.deepEqual(await page(AT, first.cursor), { objects: [], cursor: null });
  assert.match(asked[0]!, /^GET \/archive\/\?list-type=2&.*prefix=c2%2F/);
  assert.match(asked[1]!, /continuation-token=next/);
});

for (const [what, bucket, answer, says] of [
  [
    'that the stage may not read',
    'other',
    {},
    /^found the bucket other, allowed are those of assetBuckets\. Add it to them, and deploy/,
  ],
  [
    'that may not be listed',
    'archive',
    { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' },
    /^s3:\/\/archive cannot be listed \(AccessDenied\): it must be there, and allow s3:ListBucket/,
  ],
  ['that is not there', 'archive', { status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' }, /NoSuchBucket/],
] as const)
  test(`a bucket ${what} is a failure of the look, with a sentence`, async () => {
    await assert.rejects(list(() => answer)({ ...AT, bucket }, null), { name: 'FeedFailed', message: says });
  });
