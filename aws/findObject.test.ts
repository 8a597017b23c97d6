import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { S3ServiceException } from '@aws-sdk/client-s3';
import { s3That } from '../test/benches/s3.ts';
import { findObjectBy } from './openObject.ts';

const object = { bucket: 'inbox', key: 'north/a.tif', versionId: null };

describe('an object that a request names', () => {
  test('is asked for without being read, in the version that is wanted', async () => {
    const asked: string[] = [];
    const headers = {
      'content-length': '12',
      'last-modified': 'Sun, 01 Mar 2026 10:00:00 GMT',
      etag: '"e-2"',
      'x-amz-version-id': 'v7',
    };
    const find = findObjectBy(
      s3That((what) => {
        asked.push(what);
        return { headers };
      }),
    );
    const found = { versionId: 'v7', size: 12, lastModified: '2026-03-01T10:00:00.000Z', etag: 'e-2' };
    assert.deepEqual(await find(object), { ...object, ...found });
    assert.deepEqual(await find({ ...object, versionId: 'v7' }), { ...object, ...found });
    assert.deepEqual(asked, ['HEAD /inbox/north/a.tif', 'HEAD /inbox/north/a.tif?versionId=v7']);
  });

  test('has the version “null” where the bucket keeps none', async () => {
    assert.partialDeepStrictEqual(await findObjectBy(s3That(() => ({})))(object), { versionId: 'null' });
  });

  for (const [status, is] of [
    [400, 'missing'],
    [404, 'missing'],
    [405, 'missing'],
    [403, 'forbidden'],
  ] as const)
    test(`is ${is} where S3 answers with ${status}`, async () => {
      assert.equal(await findObjectBy(s3That(() => ({ status })))(object), is);
    });

  test('a temporary error is thrown, not taken for a missing object', async () => {
    const find = findObjectBy(s3That(() => ({ status: 503 })));
    await assert.rejects(find(object), (error: S3ServiceException) => error.$metadata.httpStatusCode === 503);
  });
});
