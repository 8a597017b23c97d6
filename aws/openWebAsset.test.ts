import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { SCENE_LIMITS } from '../core/base/limits.ts';
import type { OpenAsset } from '../core/base/objectStore.ts';
import type { Chip } from '../core/package/package.ts';
import { FORMATS } from '../core/scenes/formats/formats.ts';
import { makeOpenAsset, type OpenAt } from '../core/scenes/formats/stacItem/assetAt.ts';
import { inOneChunk, rangesIn } from '../core/scenes/rangesIn.ts';
import { selfSigned } from '../test/benches/certificate.ts';
import { editedPackage, smallModel } from '../test/benches/packages.ts';
import { makeOpenWebAsset } from './openWebAsset.ts';
import { makeSign, tokenIn } from './planetaryComputer.ts';

const { key, cert } = selfSigned();
const COG = readFileSync(new URL('../samples/sentinel-2/s2-t29unu-60m-256.tif', import.meta.url));
const BANDS = ['B02', 'B03', 'B04', 'B8A', 'B11', 'B12'];
const uint16 = BANDS.map((name) => ({ name, data_type: 'uint16' }));
const model = await editedPackage(smallModel(uint16, [64, 64]));
const CHANGED = 'Wed, 21 Oct 2026 07:28:00 GMT';

/** Answers as a store of objects does. */
function serve(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { etag = '"one"', file = COG, status = 206 } = {},
) {
  if ((headers['if-match'] ?? etag) !== etag) return response.writeHead(412).end();
  const [from = 0, to = 0] = /(\d+)-(\d+)$/
    .exec(headers.range ?? '')!
    .slice(1)
    .map(Number);
  const bytes = file.subarray(from, to + 1);
  const range = `bytes ${from}-${from + bytes.length - 1}/${file.length}`;
  const tags = etag === '' ? { 'last-modified': CHANGED } : { etag };
  return response.writeHead(status, { 'content-range': range, 'content-length': bytes.length, ...tags }).end(bytes);
}

type Page = (request: IncomingMessage, response: ServerResponse, nth: number) => unknown;

/** What is at each path, to the nth request for it. */
const PAGES: Record<string, Page> = {
  '/cog.tif': (request, response) => serve(request, response),
  '/dated.tif': (request, response) => serve(request, response, { etag: '' }),
  '/weak.tif': (request, response) => serve(request, response, { etag: 'W/"one"' }),
  '/short.tif': (request, response) => serve(request, response, { file: COG.subarray(0, 100) }),
  '/moved.tif': (_, response) => response.writeHead(307, { location: '/cog.tif' }).end(),
  '/inner.tif': (_, response) => response.writeHead(302, { location: 'https://169.254.169.254/latest' }).end(),
  '/private.tif': (_, response) => response.writeHead(302, { location: 'https://inner.example/a.tif' }).end(),
  '/whole.tif': (_, response) => response.writeHead(200, { etag: '"one"' }).end(COG),
  '/nameless.tif': (_, response) => response.writeHead(206, { 'content-range': 'bytes 0-1/2' }).end('ab'),
  '/endless.tif': (_, response) => response.writeHead(206, { 'content-range': 'bytes 0-1/*', etag: '"a"' }).end('ab'),
  '/longer.tif': (_, response) => response.writeHead(206, { 'content-range': 'bytes 0-1/2', etag: '"a"' }).end('abc'),
  '/elsewhere.tif': (_, response) => response.writeHead(206, { 'content-range': 'bytes 7-8/2', etag: '"a"' }).end('ab'),
  '/none.tif': (_, response) => response.writeHead(404).end(),
  '/gone.tif': (_, response) => response.writeHead(410).end(),
  '/signed.tif': (_, response) => response.writeHead(403).end(),
  '/login.tif': (_, response) => response.writeHead(401).end(),
  '/busy.tif': (_, response) => response.writeHead(429, { 'retry-after': '3600' }).end(),
  '/tired.tif': (request, response, nth) =>
    nth < 3
      ? response.writeHead(503, { 'retry-after': ['2', new Date(Date.now() + 9000).toUTCString()][nth - 1] }).end()
      : serve(request, response),
  '/broken.tif': (_, response) => response.writeHead(500).end(),
  '/hangs.tif': () => {},
  '/cut.tif': (_, response) => {
    response.writeHead(206, { 'content-range': 'bytes 0-7/8', 'content-length': 8, etag: '"a"' }).write('abc');
    setTimeout(() => response.destroy(), 10);
  },
  '/replaced.tif': (request, response, nth) => serve(request, response, { etag: nth === 1 ? '"one"' : '"two"' }),
  '/careless.tif': (request, response, nth) => {
    delete request.headers['if-match'];
    serve(request, response, { etag: nth === 1 ? '"one"' : '"two"' });
  },
  '/grown.tif': (request, response, nth) =>
    serve(request, response, { file: nth === 1 ? COG : Buffer.concat([COG, COG]) }),
};

describe('a file at a web address', () => {
  let server: Server;
  let host: string;
  let connections = 0;
  const asked: { url: string; bytes: number }[] = [];
  const waits: number[] = [];

  before(async () => {
    server = createServer({ key, cert }, (request, response) => {
      const [path = ''] = request.url!.split('?');
      const [, from = 0, to = -1] = /(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      asked.push({ url: request.url!, bytes: Number(to) + 1 - Number(from) });
      PAGES[path]!(request, response, asked.filter(({ url }) => url === request.url).length);
    });
    server.on('connection', () => (connections += 1));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    asked.length = 0;
    waits.length = 0;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const item = { bucket: 'inbox', key: 'north/a.stac.json' };
  /** As one may that is allowed to ask this machine. */
  function opener(seconds = 10): OpenAsset {
    const isAllowed = (address: string) => address === '127.0.0.1';
    const network = { addressesOf: async () => ['10.0.0.7'], isAllowed, ca: cert };
    const wait = async (milliseconds: number) => void waits.push(milliseconds);
    const web = makeOpenWebAsset({ network, seconds, wait });
    return makeOpenAsset(
      item,
      async () => ({ prefixes: [''], buckets: [], hosts: [host, 'inner.example'] }),
      web as OpenAt,
    );
  }
  const open = (path: string, seconds?: number) => opener(seconds)(`https://${host}${path}`);

  /** The chips of the sample as an Item's asset, or the first of them. */
  async function chipsOf(asset: OpenAsset, href: string, most = Number.POSITIVE_INFINITY) {
    const bands = BANDS.map((name) => ({ name }));
    const assets = { never: { href: `${href}?never`, bands: [{ name: 'B01' }] }, all: { href, bands } };
    const bytes = Buffer.from(JSON.stringify({ type: 'Feature', stac_version: '1.1.0', assets }));
    const scene = { key: item.key, size: bytes.length, chunks: inOneChunk(bytes), range: rangesIn(bytes), asset };
    const format = FORMATS.find(({ name }) => name === 'STAC Item')!;
    const found: Pick<Chip, 'place' | 'planes'>[] = [];
    for await (const chips of format.makeReader(model, SCENE_LIMITS)(scene))
      for (const { place, planes } of chips) {
        found.push({ place: structuredClone(place), planes: planes.map((plane) => plane.slice()) });
        if (found.length === most) return found;
      }
    return found;
  }

  test('has the chips of the same file in the inbox, whose blocks are each read once, on one connection', async () => {
    const file = { key: 'a.tif', size: COG.length, digest: async () => '', range: rangesIn(COG), close: () => {} };
    const own = await chipsOf(async () => file, 'a.tif');
    assert.equal(own.length, 16);
    const [header, upper, lower] = [[32_768, 1722], 233_865, 251_586];
    const before = connections;
    assert.deepEqual(await chipsOf(opener(), `https://${host}/cog.tif?sig=secret`), own);
    assert.deepEqual([connections - before, ...asked.map(({ bytes }) => bytes)], [1, ...header, upper, lower]);
    asked.length = 0;
    assert.deepEqual(await chipsOf(opener(), `https://${host}/cog.tif`, 8), own.slice(0, 8));
    const bytesOfUpperHalf = asked.map(({ bytes }) => bytes);
    assert.deepEqual(bytesOfUpperHalf, [...header, upper]);
  });

  test('is held fast by its entity tag or the time of its last change, by which its content is known', async () => {
    for (const [path, tag] of [
      ['/cog.tif', '"one"'],
      ['/dated.tif', CHANGED],
      ['/moved.tif', '"one"'],
    ] as const) {
      const { key, size, digest, range } = await open(`${path}?sig=secret#part`);
      assert.deepEqual([key, size, await digest(async () => {})], [`https://${host}${path}`, COG.length, tag]);
      assert.deepEqual(Buffer.from(await range(100_000, 10)), COG.subarray(100_000, 100_010));
      assert.deepEqual(Buffer.from(await range(COG.length - 5, 100)), COG.subarray(-5));
      assert.equal((await range(COG.length, 1)).length, 0);
    }
  });

  test('that is shorter than what is asked for first takes one request', async () => {
    const { size, range } = await open('/short.tif');
    assert.deepEqual([size, Buffer.from(await range(90, 100))], [100, COG.subarray(90, 100)]);
    assert.equal(asked.length, 1);
  });

  test('of a server that has too much to do is asked for again when it says', async () => {
    assert.equal((await open('/tired.tif')).size, COG.length);
    assert.ok(waits.length === 2 && waits[0] === 2000 && waits[1]! >= 7000 && waits[1]! <= 9000, `${waits}`);
  });

  for (const [path, name, says, requests = 1] of [
    ['/whole.tif', 'InvalidSceneFile', /answers 200 to a request for a range; allowed is 206/],
    ['/weak.tif', 'InvalidSceneFile', /allowed is 206, with the file's size, and its strong entity tag or last change/],
    ['/nameless.tif', 'InvalidSceneFile', /strong entity tag or last change/],
    ['/endless.tif', 'InvalidSceneFile', /with the file's size/],
    ['/inner.tif', 'InvalidSceneFile', /redirects to “https:\/\/169\.254\.169\.254\/latest”, allowed hosts are/],
    [
      '/private.tif',
      'InvalidSceneFile',
      /“inner\.example” is 10\.0\.0\.7, allowed are addresses of the public internet/,
    ],
    ['/none.tif', 'ObjectNotFound', /answers 4(04|10): it is not there/],
    ['/gone.tif', 'ObjectNotFound', /answers 4(04|10): it is not there/],
    ['/signed.tif', 'ObjectNotFound', /answers 403: .* its signature or token has run out/],
    ['/login.tif', 'ObjectNotFound', /answers 401: /],
    ['/longer.tif', 'TransientTrouble', /cannot be read \(3 bytes as bytes 0-1\/2, asked for were 2 from 0 on\)/, 4],
    ['/elsewhere.tif', 'TransientTrouble', /2 bytes as bytes 7-8\/2/, 4],
    ['/busy.tif', 'TransientTrouble', /answers 429, 4 times/, 4],
    ['/broken.tif', 'TransientTrouble', /answers 500, 4 times/, 4],
    ['/hangs.tif', 'TransientTrouble', /took longer than 0\.3 s, 4 times/, 4],
    ['/cut.tif', 'TransientTrouble', /cannot be read \(ECONNRESET\), 4 times/, 4],
  ] as const)
    test(`${path} is ${name}`, async () => {
      await assert.rejects(open(`${path}?sig=secret`, path === '/hangs.tif' ? 0.3 : 10), (error: Error) => {
        assert.deepEqual([error.name, error.message.includes('secret')], [name, false]);
        assert.match(error.message, says);
        assert.ok(error.message.startsWith(`https://${host}${path}`));
        return true;
      });
      assert.equal(asked.length, requests);
      assert.ok(waits.every((milliseconds) => milliseconds <= 20_000));
    });

  for (const path of ['/replaced.tif', '/careless.tif', '/grown.tif'])
    test(`${path} becomes another file while it is read, which is trouble`, async () => {
      const { range } = await open(path);
      const message = `https://${host}${path} became another file while it was read.`;
      await assert.rejects(range(100_000, 10), { name: 'TransientTrouble', message });
    });

  test('is not asked for where its host is not listed, or with a user, and the message shows no secret', async () => {
    for (const href of [`https://${host}:1/a?sig=secret`, `https://me:secret@${host}/a`, 'gs://bucket/a?secret'])
      await assert.rejects(opener()(href), ({ name, message }: Error) => {
        assert.match(
          message,
          /an asset at an address of (https|gs), “[^”]*”, allowed are files of the inbox and at https/,
        );
        return name === 'InvalidSceneFile' && !message.includes('secret');
      });
    assert.deepEqual(asked, []);
  });
});

test('a file in a container of the Planetary Computer is asked for with a token, which is kept until it ends', async () => {
  const urls: string[] = [];
  const answer = (minutes: number) => {
    const expiry = new Date(Date.now() + minutes * 60_000).toISOString();
    return tokenIn(Buffer.from(JSON.stringify({ 'msft:expiry': expiry, token: `se=${minutes}&sig=x` })));
  };
  const sign = makeSign(async ({ href }) => answer(urls.push(href) === 1 ? 0.5 : 45));
  const hosts = ['*.blob.core.windows.net', 'planetarycomputer.microsoft.com'];
  const signed = async (href: string, allowed = hosts) => (await sign(new URL(href), allowed)).href;
  const at = 'https://sentinel2l2a01.blob.core.windows.net/sentinel2-l2/29/B02.tif';
  for (const minutes of [0.5, 45, 45]) assert.equal(await signed(at), `${at}?se=${minutes}&sig=x`);
  const [token] = urls;
  assert.equal(token, 'https://planetarycomputer.microsoft.com/api/sas/v1/token/sentinel2l2a01/sentinel2-l2');
  assert.equal(urls.length, 2);
  const others = [`${at}?sv=1&sig=own`, 'https://example.com/sentinel2-l2/B02.tif'];
  for (const other of others) assert.equal(await signed(other), other);
  assert.equal(await signed(at, ['*.blob.core.windows.net']), at);
  for (const text of ['<html>', '{}', '{"token":"a","msft:expiry":"soon"}'])
    assert.throws(() => tokenIn(Buffer.from(text)));
});
