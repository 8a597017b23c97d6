import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { HOSTILE_NAMES } from '../test/hostileNames.ts';
import { listScenesIn, readRangeOf } from './bucket.ts';

/** Keys on the wire, between the real client and a server that says what it heard. */

let asked = '';
let listing = '';
const server = createServer((request, response) => {
  asked = request.url ?? '';
  response.end(asked.includes('versions') ? listing : 'x');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const s3 = new S3Client({
  region: 'eu-central-1',
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  forcePathStyle: true,
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
});
after(() => {
  s3.destroy();
  server.close();
});

test('an object is asked for by its key, whatever way that looks like', async () => {
  for (const { name } of HOSTILE_NAMES) {
    await readRangeOf(s3)({ bucket: 'inbox', key: name, versionId: 'v1' }, 0, 1);
    const [path = '', query] = asked.split('?');
    assert.deepEqual([decodeURIComponent(path), query], [`/inbox/${name}`, 'versionId=v1&x-id=GetObject']);
  }
});

test('a listing comes with the keys as they are, and goes on after the last one', async () => {
  const versions = HOSTILE_NAMES.map(
    ({ name }) => `<Version><Key>${encoded(name)}</Key><VersionId>v1</VersionId></Version>`,
  );
  for (const { name } of HOSTILE_NAMES.filter(({ isSample }) => isSample)) {
    const marker = `<NextKeyMarker>${encoded(name)}</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>`;
    listing = `<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>${marker}${versions.join('')}</ListVersionsResult>`;
    const { scenes, cursor } = await listScenesIn('inbox', '', s3)(null);
    assert.deepEqual(
      scenes.map(({ key }) => key),
      HOSTILE_NAMES.map((one) => one.name),
    );
    listing = '<ListVersionsResult></ListVersionsResult>';
    await listScenesIn('inbox', '', s3)(cursor);
    const query = new URL(asked, 'http://s3').searchParams;
    assert.deepEqual([query.get('key-marker'), query.get('encoding-type')], [name, 'url']);
  }
});

/** As S3 writes a key into a listing that is to be encoded. */
function encoded(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+').replaceAll("'", '%27');
}
