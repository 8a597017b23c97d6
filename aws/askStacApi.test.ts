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
  const ask = (body?: object, from = url) => {
    [asked.length, waits.length] = [0, 0];
    return askStacApis({ wait: async (milliseconds) => waits.push(milliseconds) })(from, body);
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

  test('again when it has too much to do, after as long as it says', async () => {
    const answers: [number, Record<string, string>][] = [
      [429, { 'retry-after': '7' }],
      [503, {}],
      [502, { 'retry-after': '86400' }],
    ];
    answer = (_, response) => {
      const [status, headers] = answers.shift() ?? [200, {}];
      response.writeHead(status, headers).end('{"ok": true}');
    };
    assert.deepEqual(await ask(), { ok: true });
    assert.deepEqual(waits, [7000, 2000, 30_000]);
  });

  test('by its redirect, to the same host', async () => {
    answer = (request, response) =>
      request.url === '/v1' ? response.writeHead(301, { location: '/v1/' }).end() : response.end('{}');
    assert.deepEqual(await ask(), {});
    assert.deepEqual(asked, ['GET /v1', 'GET /v1/']);
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
