import assert from 'node:assert/strict';
import { test } from 'node:test';
import { s3That } from '../test/benches/s3.ts';
import { emptyBucket } from './storageStack.ts';

/** A bucket of versions and delete markers, which lists two of them at a time. */
function bucketOf(versions: string[], markers: string[], refused?: string) {
  const all = [...versions.map((id) => ['Version', id]), ...markers.map((id) => ['DeleteMarker', id])];
  const client = s3That((asked, body) => {
    if (asked.startsWith('GET')) {
      const listed = all
        .slice(0, 2)
        .map(([kind, id]) => `<${kind}><Key>a&amp;b</Key><VersionId>${id}</VersionId></${kind}>`);
      return { body: `<ListVersionsResult>${listed.join('')}</ListVersionsResult>` };
    }
    for (const [, id] of body.matchAll(/<VersionId>(.*?)<\/VersionId>/g)) {
      if (id === refused)
        return {
          body: `<DeleteResult><Error><Key>a&amp;b</Key><Message>Object is locked</Message></Error></DeleteResult>`,
        };
      all.splice(
        all.findIndex(([, one]) => one === id),
        1,
      );
    }
    return { body: '<DeleteResult/>' };
  });
  return { client, left: () => all.length };
}

test('every version and every delete marker goes', async () => {
  const { client, left } = bucketOf(['1', '2', '3'], ['4', '5']);
  const told: number[] = [];
  await emptyBucket(client, 'b', (count) => told.push(count));
  assert.deepEqual([left(), told], [0, [2, 4, 5]]);
});

test('a key that a list in XML cannot say goes by itself', async () => {
  const left = new Map([
    ['1', 'a%01b'],
    ['2', 'c%0Dd'],
    ['3', 'e%2Ff'],
  ]);
  const asked: string[] = [];
  const client = s3That((request, body) => {
    asked.push(request.replace('x-id=DeleteObject&', ''));
    if (request.startsWith('GET')) {
      const listed = [...left].map(([id, key]) => `<Version><Key>${key}</Key><VersionId>${id}</VersionId></Version>`);
      const page = `<EncodingType>url</EncodingType>${listed.join('')}`;
      return { body: `<ListVersionsResult>${page}</ListVersionsResult>` };
    }
    for (const [, id] of body.matchAll(/<VersionId>(.*?)<\/VersionId>/g)) left.delete(id!);
    const [, alone] = /versionId=(\w+)/.exec(request) ?? [];
    if (alone !== undefined) left.delete(alone);
    assert.doesNotMatch(body, /(?![\t\n\r])\p{Cc}/u); // what no XML may hold
    return { body: '<DeleteResult/>' };
  });
  await emptyBucket(client, 'b', () => {});
  assert.equal(left.size, 0);
  assert.deepEqual(
    asked.filter((one) => one.startsWith('DELETE')),
    ['DELETE /b/a%01b?versionId=1'],
  );
});

test('an object that cannot be deleted is reported, and ends the emptying', async () => {
  const { client } = bucketOf(['1', 'locked'], [], 'locked');
  await assert.rejects(
    emptyBucket(client, 'b', () => {}),
    /s3:\/\/b\/a&b cannot be deleted: Object is locked/,
  );
});

test('a bucket that is gone is empty', async () => {
  const client = s3That(() => ({ status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' }));
  await emptyBucket(client, 'b', () => assert.fail('there is nothing to tell'));
});
