import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { askStacApis } from './askStacApi.ts';

describe('a STAC API is asked', () => {
  let answer: RequestListener;
  let url: string;
  const asked: string[] = [];
  const waits: number[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  before(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });
  after(() => server.close());
  const NOW = Date.parse('2026-11-27T16:40:00.500Z');
  const ask = (body?: object, from = url, headers = {}) => {
    [asked.length, waits.length] = [0, 0];
    const options = { wait: async (milliseconds: number) => waits.push(milliseconds), now: () => NOW };
    return askStacApis(options)(from, body, headers);
  };

  test('by GET, or by POST with JSON', async () => {
    answer = (request, response) => {
      const chunks: Buffer[] = [];
      request
        .on('data', (chunk) => chunks.push(chunk))
        .on('end', () =>
          response.end(
            JSON.stringify({ type: request.headers['content-type'], body: Buffer.concat(chunks).toString() }),
          ),
        );
    };
    assert.deepEqual(await ask(), { body: '' });
    assert.deepEqual(await ask({ limit: 1 }), { type: 'application/json', body: '{"limit":1}' });
  });

  test('and reads an answer that begins with a byte order mark', async () => {
    answer = (_, response) => response.end('\ufeff{"links":[]}');
    assert.deepEqual(await ask(), { links: [] });
  });

  test('with headers that a link names, which replace none of its own', async () => {
    answer = ({ headers }, response) => response.end(JSON.stringify(headers));
    const own = { 'search-after': 'abc', accept: 'x', 'user-agent': 'x', 'content-type': 'x' };
    assert.partialDeepStrictEqual(await ask({ limit: 1 }, url, own), {
      'search-after': 'abc',
      accept: 'application/geo+json, application/json',
      'user-agent': 'swath',
      'content-type': 'application/json',
    });
  });

  for (const [after, seconds] of [
    ['7', 7],
    ['0', 0],
    ['30', 30],
    ['Fri, 27 Nov 2026 16:40:10 GMT', 10],
    ['Fri, 27 Nov 2026 16:39:00 GMT', 0],
    ['0x10', 1],
    ['1e1', 1],
    ['-1', 1],
    ['soon', 1],
    [undefined, 1],
  ] as const)
    test(`again when it has too much to do, after ${seconds} s where it says ${after}`, async () => {
      const answers = [{ status: 429, headers: after === undefined ? {} : { 'retry-after': after } }];
      answer = (_, response) => {
        const { status, headers } = answers.shift() ?? { status: 200, headers: {} };
        response.writeHead(status, headers).end('{"ok": true}');
      };
      assert.deepEqual(await ask(), { ok: true });
      assert.deepEqual(waits, [seconds * 1000]);
    });

  for (const after of ['31', '86400', 'Fri, 27 Nov 2026 16:50:00 GMT'])
    test(`once where it says to wait as long as ${after}, which is left to the next look`, async () => {
      answer = (_, response) => response.writeHead(503, { 'retry-after': after }).end();
      await assert.rejects(ask(), {
        name: 'FeedFailed',
        message: /answers 503, and asks to wait for \d+ s\. The next/,
      });
      assert.deepEqual([asked.length, waits], [1, []]);
    });

  test('by its redirect, to the same host', async () => {
    answer = (request, response) =>
      request.url === '/v1' ? response.writeHead(301, { location: '/v1/' }).end() : response.end('{}');
    assert.deepEqual(await ask(), {});
    assert.deepEqual(asked, ['GET /v1', 'GET /v1/']);
  });

  for (const status of [307, 308])
    test(`by its redirect with ${status}, which keeps the search and its method`, async () => {
      const bodies: string[] = [];
      answer = async (request, response) => {
        if (request.url === '/v1') response.writeHead(status, { location: '/v1/' });
        else for await (const piece of request) bodies.push(String(piece));
        response.end('{}');
      };
      assert.deepEqual(await ask({ limit: 1 }), {});
      assert.deepEqual([asked, bodies], [['POST /v1', 'POST /v1/'], ['{"limit":1}']]);
    });

  for (const status of [301, 302, 303])
    test(`and does not lose a search by POST where it redirects with ${status}`, async () => {
      answer = (_, response) => response.writeHead(status, { location: '/v1/' }).end();
      await assert.rejects(ask({ limit: 1 }), {
        message: new RegExp(`with the status ${status}, allowed .* and with 307 or 308 for a search by POST\\. Name`),
      });
      assert.deepEqual(asked, ['POST /v1']);
    });

  for (const [what, listener, says] of [
    ['stays unavailable', (_, response) => response.writeHead(503).end(), /answers 503, 4 times\.$/],
    [
      'answers HTML',
      (_, response) => response.end('<html>'),
      /answers 200 with “<html>”, allowed is JSON of a STAC API\.$/,
    ],
    [
      'does not know the collection',
      (_, response) => response.writeHead(404).end('{"detail":"no such collection"}'),
      /answers 404 with “{.*no such collection.*}”\. See what the API allows, and change the feed\.$/,
    ],
    [
      'redirects to a private address',
      (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      /redirects to “http:\/\/169\.254\.169\.254\/”, allowed are three, to addresses of that host/,
    ],
    [
      'redirects to itself',
      (request, response) => response.writeHead(302, { location: request.url! }).end(),
      /redirects to/,
    ],
    [
      'ends its answer before its length',
      (_, response) => {
        response.writeHead(200, { 'content-length': '500' }).write('{"features":');
        setTimeout(() => response.destroy(), 10);
      },
      /breaks off its answer \(.*\), 4 times/,
    ],
    ['closes the connection', (request) => request.socket.destroy(), /cannot be reached \(.*\), 4 times/],
  ] satisfies [string, RequestListener, RegExp][])
    test(`and ends with a sentence where it ${what}`, async () => {
      answer = listener;
      await assert.rejects(ask(), { name: 'FeedFailed', message: says });
    });

  test('and ends with a sentence where there is none', () =>
    assert.rejects(ask(undefined, 'http://127.0.0.1:1/v1'), {
      message: /^127\.0\.0\.1:1 cannot be reached \(bad port\), 4 times/,
    }));

  test('and ends with a sentence where its answer has no end', async () => {
    answer = (_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(2 ** 20)));
        response.once('drain', more);
      };
      more();
    };
    await assert.rejects(ask(), { message: /found an answer of more than 33554432 bytes, allowed are so many\.$/ });
  });
});
