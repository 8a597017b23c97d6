import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { InvalidSceneFile, ObjectNotFound, TransientTrouble } from '../core/base/errors.ts';
import type { OpenedAsset, OpenedScene } from '../core/base/objectStore.ts';
import type { OpenAt, PlacesOf } from '../core/scenes/formats/stacItem/assetAt.ts';
import { withAssets } from './openAsset.ts';

const OBJECT = Buffer.from('0123456789');
/** Its CRC-64/NVME, by the SDK's own implementation. */
const CRC = 'Ffmx7kz9nB0=';
const SCENE = { bucket: 'inbox', key: 'scenes/a.stac.json', versionId: 'v1' };

type Asked = Record<'method' | 'path' | 'hostname', string> & Record<'headers' | 'query', Record<string, string>>;

/** An object of ten bytes under `ten`, which may become another one, as the real client asks for it; of other keys there is none. */
async function tenBytes({ etag = '"first"', crc = '', size = OBJECT.length } = {}) {
  const asked: string[] = [];
  const s3 = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async (request: Asked) => {
        const { method, path, hostname, headers, query } = request;
        const { range = '', 'if-match': match = etag } = headers;
        const version = query['versionId'] === undefined ? '' : ` versionId=${query['versionId']}`;
        const payer = headers['x-amz-request-payer'] ?? '';
        asked.push(`${method} ${hostname.split('.')[0]}${path}${version} ${range} ${payer}`.trim());
        const statusCode = path.endsWith('ten') ? (match === etag ? 200 : 412) : 404;
        if (statusCode !== 200) return { response: { statusCode, headers: {}, body: Readable.from([]) } };
        const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [null, '0', '9'];
        const bytes = OBJECT.subarray(Number(from), Number(to) + 1);
        const body = method === 'HEAD' ? Readable.from([]) : Readable.from([bytes]);
        const isAskedFor = headers['x-amz-checksum-mode'] === 'ENABLED' && range === '';
        const checksum = crc !== '' && isAskedFor ? { 'x-amz-checksum-crc64nvme': crc } : {};
        return {
          response: {
            statusCode,
            headers: { 'content-length': String(method === 'HEAD' ? size : bytes.length), etag, ...checksum },
            body,
          },
        };
      },
    } as never,
  });
  const places = { prefixes: ['scenes/', 'bulk/'], buckets: ['archive'] };
  const web: OpenAt<URL> = async (url) => ({ key: url.href, size: 1 }) as OpenedAsset;
  const placesOf: PlacesOf = async ({ key }) => ({ ...places, hosts: [`${key.length}.example.com`] });
  const open = withAssets(async () => ({}) as OpenedScene, placesOf, s3, web);
  const { asset } = await open(SCENE);
  const replace = () => {
    etag = '"second"';
  };
  const contentDigest = async () => (await open({ ...SCENE, key: 'scenes/ten' })).contentDigest!(async () => {});
  return { open: asset!, asked, replace, contentDigest };
}

test('an asset is asked for its size, then for no byte beyond its end', async () => {
  const { open, asked } = await tenBytes();
  const { key, size, range } = await open('./a.assets/ten');
  assert.deepEqual([key, size], ['scenes/a.assets/ten', 10]);
  assert.equal(Buffer.from(await range(8, 100)).toString(), '89');
  assert.equal((await range(10, 5)).length, 0);
  assert.deepEqual(asked, ['HEAD inbox/scenes/a.assets/ten', 'GET inbox/scenes/a.assets/ten bytes=8-9']);
});

test('one of another bucket that is allowed is read there, at the cost of whoever reads it', async () => {
  const { open, asked } = await tenBytes();
  await (await open('s3://archive/2026/ten')).range(0, 1);
  assert.deepEqual(asked, ['HEAD archive/2026/ten  requester', 'GET archive/2026/ten bytes=0-0 requester']);
});

test('one at a web address is read there, if its host is allowed for the Item', async () => {
  const { open, asked } = await tenBytes();
  assert.equal((await open('https://18.example.com/ten')).key, 'https://18.example.com/ten');
  await assert.rejects(open('https://19.example.com/ten'), /and at https addresses of 18\.example\.com: write a path/);
  assert.deepEqual(asked, []);
});

test('one that becomes another object while it is read is trouble', async () => {
  const { open, replace } = await tenBytes();
  const { range } = await open('ten');
  replace();
  await assert.rejects(range(0, 1), TransientTrouble);
});

test('one is known by its content, in whatever parts it was uploaded, and read for that only where S3 does not say', async () => {
  const whole = 'GET inbox/scenes/ten';
  const digests = [];
  for (const [uploaded, reads] of [
    [{ etag: '"0123456789abcdef0123456789abcdef"', crc: CRC }, []],
    [{ etag: '"fedcba9876543210fedcba9876543210-2"', crc: CRC }, []],
    [{ etag: '"00112233445566778899aabbccddeeff-3"' }, [whole]],
  ] as const) {
    const { open, asked } = await tenBytes(uploaded);
    const { digest } = await open('ten');
    digests.push(await digest(async () => {}));
    assert.deepEqual(asked, ['HEAD inbox/scenes/ten', ...reads]);
  }
  assert.deepEqual(digests, [CRC, CRC, CRC]);
});

test('a large scene file that is read in part is known in the same way, in the version that is its scene', async () => {
  const digests = [];
  for (const uploaded of [{ crc: CRC }, {}]) {
    const { contentDigest, asked } = await tenBytes({ ...uploaded, size: 64 * 1024 ** 2 + 1 });
    digests.push(await contentDigest());
    for (const one of asked) assert.match(one, /^(HEAD|GET) inbox\/scenes\/ten versionId=v1$/);
  }
  assert.equal(digests[0], digests[1]);
  assert.match(digests[0]!, /^[0-9a-f]{64}$/);
});

test('a small one is known by its SHA-256, as it is among bulk files, so that its content counts once', async () => {
  const { contentDigest, asked } = await tenBytes({ crc: CRC });
  assert.equal(await contentDigest(), hash('sha256', OBJECT));
  assert.deepEqual(asked, ['HEAD inbox/scenes/ten versionId=v1', 'GET inbox/scenes/ten versionId=v1 bytes=0-9']);
});

test('one that becomes another object before its content is read is trouble', async () => {
  const { open, replace } = await tenBytes();
  const { digest } = await open('ten');
  replace();
  await assert.rejects(
    digest(async () => {}),
    TransientTrouble,
  );
});

test('one that is not there is not found; one outside of what may be read is not asked for', async () => {
  const { open, asked } = await tenBytes();
  await assert.rejects(open('none'), ObjectNotFound);
  const before = asked.length;
  for (const href of ['../private/ten', 's3://inbox/private/ten', 's3://another/ten'])
    await assert.rejects(open(href), InvalidSceneFile);
  assert.equal(asked.length, before);
});
