import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { HttpGetOptions } from '../core/releases/origins/packageSource.ts';
import { makeHttpGet } from './httpGet.ts';

const MOST_BYTES = 1000;
const PAGES: Record<string, (response: ServerResponse) => void> = {
  '/file': (response) => response.end('a file'),
  '/refused': (response) => response.writeHead(400).end(JSON.stringify({ message: 'no' }).padEnd(10_000)),
  '/busy': (response) => response.writeHead(503).end(),
  '/many': (response) => response.writeHead(429).end(),
  '/large': (response) =>
    response.writeHead(200, { 'content-length': MOST_BYTES + 1 }).end(Buffer.alloc(MOST_BYTES + 1)),
  '/endless': (response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(100)), 1);
    response.once('close', () => clearInterval(timer));
  },
  '/slow': () => {},
  '/stuck': (response) => void response.write('a'),
  '/cut': (response) => {
    response.writeHead(200, { 'content-length': 8 }).write('a');
    setTimeout(() => response.destroy(), 10);
  },
  '/to-http': (response) => response.writeHead(302, { location: 'http://127.0.0.1/file' }).end(),
  '/to-metadata': (response) => response.writeHead(302, { location: 'https://169.254.169.254/latest' }).end(),
  '/to-private': (response) => response.writeHead(307, { location: 'https://10.0.0.7/file' }).end(),
};

describe('a file of a server that an operator has named', () => {
  let server: Server;
  let origin: string;
  const headers: IncomingHttpHeaders[] = [];

  before(async () => {
    server = createServer((request, response) => {
      headers.push(request.headers);
      PAGES[request.url!]!(response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const seconds = { small: 5, large: 5 };
  const get = (path: string, options: Partial<HttpGetOptions> = {}, how = {}) =>
    makeHttpGet({ seconds, ...how })(new URL(path, origin), { mostBytes: MOST_BYTES, ...options });

  test('comes, with what lets this service in; by http from this machine or a private network', async () => {
    const { status, bytes } = await get('/file', { authorization: 'Bearer t0ken' });
    assert.deepEqual([status, Buffer.from(bytes).toString()], [200, 'a file']);
    assert.equal(headers.at(-1)?.authorization, 'Bearer t0ken');
    const named = await makeHttpGet({ addressesOf: async () => ['10.1.2.3'], ask: async () => new Response('here') })(
      new URL('http://mlflow.internal:5000/file'),
      { mostBytes: MOST_BYTES },
    );
    assert.equal(Buffer.from(named.bytes).toString(), 'here');
  });

  test('that answers with an error reports the status and the beginning of the body', async () => {
    const { status, bytes } = await get('/refused');
    assert.deepEqual([status, bytes.length], [400, 4096]);
    assert.match(Buffer.from(bytes).toString(), /"no"/);
  });

  for (const [path, error, says] of [
    ['/busy', 'TransientTrouble', /^127\.0\.0\.1:\d+ answers 503\.$/],
    ['/many', 'TransientTrouble', /answers 429\.$/],
    ['/cut', 'TransientTrouble', /cannot be reached/],
    ['/large', 'ObjectTooLarge', /\/large has 1001 bytes, allowed are at most 1000\.$/],
    ['/endless', 'ObjectTooLarge', /\/endless has \d+ bytes, allowed are at most 1000\.$/],
  ] as const)
    test(`${path} is ${error}`, () => assert.rejects(get(path), { name: error, message: says }));

  for (const path of ['/slow', '/stuck'])
    test(`${path} is given up once its time is over`, () =>
      assert.rejects(get(path, {}, { seconds: { small: 0.2, large: 5 } }), {
        name: 'TransientTrouble',
        message: /took longer than the 0\.2 s that are allowed\.$/,
      }));

  test('that does not answer is a temporary error', async () => {
    await assert.rejects(makeHttpGet()(new URL('http://127.0.0.1:1/'), { mostBytes: 1 }), {
      name: 'TransientTrouble',
      message: /^127\.0\.0\.1:1 cannot be reached \(/,
    });
    const addressesOf = () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
    await assert.rejects(makeHttpGet({ addressesOf })(new URL('http://nowhere.example/'), { mostBytes: 1 }), {
      name: 'TransientTrouble',
      message: 'nowhere.example cannot be found (ENOTFOUND).',
    });
  });

  for (const address of ['93.184.215.14', '169.254.169.254', '0.0.0.0'])
    test(`is not asked for without TLS at ${address}`, async () => {
      const ask = () => assert.fail('it was asked');
      for (const how of [{ addressesOf: async () => ['10.0.0.1', address], ask }, { ask }])
        await assert.rejects(
          makeHttpGet(how)(new URL('addressesOf' in how ? 'http://mlflow.example/' : `http://${address}/`), {
            mostBytes: 1,
          }),
          {
            name: 'InvalidModelPackage',
            message: /: found http, allowed is https; http only within a private network/,
          },
        );
    });

  for (const [path, says] of [
    ['/to-http', /^127\.0\.0\.1:\d+ redirects to “http:\/\/127\.0\.0\.1”, allowed is an address with https$/],
    ['/to-metadata', /redirects to “https:\/\/169\.254\.169\.254”, which is no address of the public internet/],
    ['/to-private', /redirects to “https:\/\/10\.0\.0\.7”, which is no address of the public internet/],
  ] as const)
    test(`that leads ${path.slice(1)} is refused`, () =>
      assert.rejects(get(path, { mayRedirect: true }), { name: 'InvalidModelPackage', message: says }));

  test('that redirects is followed neither with a token nor to an address outside the allowed ones', async () => {
    assert.equal((await get('/to-http', { mayRedirect: true, authorization: 'Bearer t0ken' })).status, 302);
    assert.equal((await get('/to-http')).status, 302);
  });

  test('that leads to a public address with https is, some times', async () => {
    const asked: string[] = [];
    const ask = (async (url: URL) => {
      asked.push(url.href);
      return url.pathname === '/c' ? new Response('c') : Response.redirect('https://other.example/c');
    }) as typeof fetch;
    const addressesOf = async () => ['93.184.215.14'];
    const first = new URL('https://models.example/a');
    const { bytes } = await makeHttpGet({ addressesOf, ask })(first, { mostBytes: 9, mayRedirect: true });
    assert.deepEqual([asked, Buffer.from(bytes).toString()], [[first.href, 'https://other.example/c'], 'c']);
    const circle = (async () => Response.redirect(first)) as typeof fetch;
    await assert.rejects(makeHttpGet({ addressesOf, ask: circle })(first, { mostBytes: 9, mayRedirect: true }), {
      message: 'models.example redirects more than 3 times',
    });
  });
});
