import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { OpenedScene } from '../core/base/objectStore.ts';
import { withAssets } from './openAsset.ts';
import { otherStores } from './otherStores.ts';

const SCENE = { bucket: 'inbox', key: 'a.stac.json', versionId: 'v1' };
const BYTES = Buffer.from('0123456789');

describe('a store that speaks S3, of this machine', () => {
  const asked: { method: string; url: string; key: string | undefined; payer: unknown }[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const [, key] = /Credential=([^/]+)\//.exec(headers.authorization ?? '') ?? [];
    asked.push({ method, url, key, payer: headers['x-amz-request-payer'] });
    const [, from = '0', to = '9'] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const bytes = BYTES.subarray(Number(from), Number(to) + 1);
    response.writeHead(200, { etag: '"e"', 'content-length': bytes.length });
    response.end(method === 'HEAD' ? undefined : bytes);
  });
  let endpoints = '';
  before(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    endpoints = `eodata=http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  /** Opens assets as preprocess does, with keys as an SSM parameter holds them. */
  function open(keys: string | undefined) {
    const { buckets, clientOf } = otherStores(endpoints, '/keys', async () => keys);
    const places = { prefixes: [''], buckets, hosts: [] };
    return withAssets(
      async () => ({}) as OpenedScene,
      async () => places,
      undefined,
      undefined,
      clientOf,
    )(SCENE);
  }

  test('has the assets of its buckets, which are read with its keys, at no cost of ours, and are known by their tags', async () => {
    const { asset } = await open('other=x:y, eodata=KEY:SEC:RET');
    const { size, range, digest } = await asset!('s3://eodata/Sentinel-2/B02.jp2');
    assert.equal(size, 10);
    assert.equal(Buffer.from(await range(2, 3)).toString(), '234');
    assert.equal(await digest(async () => {}), '"e"');
    assert.deepEqual(
      asked.map(({ method, url }) => `${method} ${url.split('?')[0]}`),
      ['HEAD /eodata/Sentinel-2/B02.jp2', 'GET /eodata/Sentinel-2/B02.jp2'],
    );
    for (const { key, payer } of asked) assert.deepEqual([key, payer], ['KEY', undefined]);
  });

  for (const keys of [undefined, '', 'other=x:y', 'eodata=', 'eodata=KEY', 'eodata=:SECRET'])
    test(`without keys, as in ${JSON.stringify(keys)}, is trouble that says where they are to be, and cites none`, async () => {
      const { asset } = await open(keys);
      const message =
        /^The SSM parameter \/keys holds no keys of the bucket eodata, allowed is eodata=KEY:SECRET, with those of other buckets after a comma\. Write all of them: aws ssm /;
      await assert.rejects(asset!('s3://eodata/a'), { name: 'TransientTrouble', message });
    });

  test('has no other buckets', async () => {
    assert.equal(await otherStores(endpoints, '/keys').clientOf('archive'), undefined);
    const { asset } = await open('eodata=KEY:SECRET');
    await assert.rejects(asset!('s3://archive/a'), /and of the buckets eodata: write a path/);
  });
});
