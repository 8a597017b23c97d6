import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FindObject } from '../../base/objectStore.ts';
import { makeReadInboxImage } from './inboxImage.ts';

/** An image of the inbox that a request over HTTP names. */

const image = { bucket: 'inbox', key: 'scenes/a.png', versionId: 'v1', size: 5 };

function readerOf(found: Awaited<ReturnType<FindObject>> = image) {
  const ranges: number[][] = [];
  const read = makeReadInboxImage({
    find: async () => found,
    readRange: async (_, offset, length) => {
      ranges.push([offset, length]);
      return new Uint8Array(length);
    },
    inbox: { bucket: 'inbox', prefix: 'scenes/' },
    mostBytes: 5,
  });
  return {
    ranges,
    read: (key: string, bucket = 'inbox') => read({ kind: 's3', id: null, bucket, key } as never, 'inputs[0]'),
  };
}

describe('an image of the inbox', () => {
  test('is read as a whole, in one read', async () => {
    const { read, ranges } = readerOf();
    assert.equal((await read('scenes/a.png')).length, 5);
    assert.deepEqual(ranges, [[0, 5]]);
  });

  for (const { what, key = 'scenes/a.png', bucket, found, says } of [
    { what: 'in another bucket', bucket: 'theirs', says: /inputs\[0\]\.s3: / },
    { what: 'outside of the prefix', key: 'other/a.png', says: /inputs\[0\]\.s3: / },
    {
      what: 'that is missing',
      found: 'missing' as const,
      says: /found no object “s3:\/\/inbox\/scenes\/a\.png”, allowed/,
    },
    { what: 'that may not be read', found: 'forbidden' as const, says: /which the service may not read$/ },
    { what: 'that is too large', found: { ...image, size: 6 }, says: /found 6 bytes in .*, allowed are at most 5 for/ },
  ])
    test(`${what} is refused before it is read`, async () => {
      const { read, ranges } = readerOf(found);
      await assert.rejects(read(key, bucket), { name: 'InvalidSceneFile', message: says });
      assert.deepEqual(ranges, []);
    });
});
