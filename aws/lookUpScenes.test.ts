import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import type { SceneRef } from '../core/base/messages.ts';
import { lookUpScenesIn } from './bucket.ts';

/** Versions of the inbox that are looked up, as the real client asks for them. */

type Stored = { key: string; versionId: string; at: string };

/** A bucket that lists as S3 does: behind a key, in the order of bytes, no more than is asked for. */
function bucketOf(stored: readonly Stored[]) {
  const asked: Record<string, string>[] = [];
  const sorted = stored
    .map((one) => ({ ...one, bytes: Buffer.from(one.key) }))
    .toSorted((a, b) => a.bytes.compare(b.bytes) || (a.at < b.at ? 1 : -1));
  /** How many keys are no further than this one: of many thousands, a dozen are looked at. */
  function countUpTo(key: string): number {
    const bytes = Buffer.from(key);
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (sorted[middle]!.bytes.compare(bytes) > 0) to = middle;
      else from = middle + 1;
    }
    return from;
  }
  const s3 = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async ({ query }: { query: Record<string, string> }) => {
        asked.push(query);
        const { prefix = '', 'key-marker': after = '', 'max-keys': most = '1000' } = query;
        const all = sorted.slice(countUpTo(after)).filter(({ key }) => key.startsWith(prefix));
        const page = all.slice(0, Number(most));
        const isCut = all.length > page.length;
        const versions = page.map(
          ({ key, versionId, at }) =>
            `<Version><Key>${encodeURIComponent(key)}</Key><VersionId>${versionId}</VersionId><LastModified>${at}</LastModified><Size>7</Size><ETag>&quot;e&quot;</ETag></Version>`,
        );
        const next = isCut ? `<NextKeyMarker>${encodeURIComponent(page.at(-1)!.key)}</NextKeyMarker>` : '';
        const body = `<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>${isCut}</IsTruncated>${next}${versions.join('')}</ListVersionsResult>`;
        const headers = { 'content-type': 'application/xml' };
        return { response: { statusCode: 200, headers, body: Readable.from([Buffer.from(body)]) } };
      },
    } as never,
  });
  return { lookUp: lookUpScenesIn('inbox', s3), asked };
}

const AT = '2026-03-01T10:00:00.000Z';
const sceneOf = (key: string, versionId = 'v1'): SceneRef => ({ bucket: 'inbox', key, versionId });
const numbered = (count: number, before = 'n/') =>
  Array.from({ length: count }, (_, i) => `${before}${String(i).padStart(5, '0')}`);
const stored = (keys: readonly string[]): Stored[] => keys.map((key) => ({ key, versionId: 'v1', at: AT }));

test('a version is shown as the listing has it, and one that is not there is left out', async () => {
  const { lookUp } = bucketOf(stored(['a', 'b', 'c']));
  assert.deepEqual(await lookUp([sceneOf('b'), sceneOf('b', 'v0'), sceneOf('bb')]), [
    { bucket: 'inbox', key: 'b', versionId: 'v1', lastModified: AT, size: 7, etag: 'e' },
  ]);
});

describe('keys that are looked up together', () => {
  test('beside one another take one request together', async () => {
    const keys = numbered(60);
    const { lookUp, asked } = bucketOf(stored([...numbered(5000, 'm/'), ...keys, ...numbered(5000, 'o/')]));
    assert.deepEqual((await lookUp(keys.map((key) => sceneOf(key)))).length, 60);
    assert.equal(asked.length, 1);
  });

  test('far apart take no more than one each, of few versions', async () => {
    const all = numbered(20_000);
    const { lookUp, asked } = bucketOf(stored(all));
    const keys = all.filter((_, i) => i % 400 === 0);
    assert.equal((await lookUp(keys.map((key) => sceneOf(key)))).length, keys.length);
    assert.equal(asked.length, keys.length);
    assert.ok(asked.slice(2).every((query) => query['max-keys'] === '24'));
  });
});

describe('of a great many keys', () => {
  test('neighbouring keys take one request, even with other keys between them', async () => {
    const keys = numbered(999).filter((_, i) => i % 2 === 0);
    const { lookUp, asked } = bucketOf(stored(numbered(5000)));
    assert.equal((await lookUp(keys.toReversed().map((key) => sceneOf(key)))).length, 500);
    assert.equal(asked.length, 1);
  });

  test('those that the first page does not show are asked for in runs, several at once', async () => {
    const keys = [...numbered(100), ...numbered(400, 'o/')];
    const { lookUp, asked } = bucketOf(stored([...keys, ...numbered(5000, 'n/1')]));
    const found = await lookUp(keys.toReversed().map((key) => sceneOf(key)));
    assert.deepEqual(new Set(found.map(({ key }) => key)), new Set(keys));
    assert.equal(found.length, 500);
    assert.equal(asked.length, 1 + 7);
  });

  test('no key takes more than one request, however far apart they are', async () => {
    const keys = numbered(130);
    const { lookUp, asked } = bucketOf(stored(keys.flatMap((key) => [key, ...numbered(300, `${key}/`)])));
    assert.equal((await lookUp(keys.map((key) => sceneOf(key)))).length, 130);
    assert.ok(asked.length <= 130, `${asked.length} requests`);
  });
});

for (const key of ['\u0001', 'a\u0000b', 'n/a\ue000', 'n/😀', `${'n'.repeat(1023)}a`, 'ü ö+%\r'])
  test(`a key such as ${JSON.stringify(key.slice(-12))} is found among others`, async () => {
    const { lookUp } = bucketOf(stored([key, `${key}a`, 'n/a', 'n/z', '\u{10ffff}']));
    assert.deepEqual(
      (await lookUp([sceneOf(key)])).map((one) => one.key),
      [key],
    );
  });
