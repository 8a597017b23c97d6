import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { makeAnswer } from '../core/doors/online/answer.ts';
import type { HttpRequest } from '../core/doors/online/http.ts';
import { jsonResponse, problemResponse } from '../core/doors/online/http.ts';
import { type HttpServerOptions, secondsToRead, startHttpServer } from './httpServer.ts';

/** More than the buffers of a connection take. */
const LONG = 'x'.repeat(32 * 1024 ** 2);
/** Answers at any path of one part; `/long` has a long answer. */
const answerLong = makeAnswer(
  (['GET', 'POST'] as const).map((method) => ({
    method,
    path: '/{what}',
    reply: ({ parts: [what] }) => jsonResponse(what === 'long' ? LONG : 'short'),
  })),
);

function start(reply: (request: HttpRequest) => unknown, more: Partial<HttpServerOptions> = {}) {
  return startHttpServer({
    answer: async (asked) =>
      asked.refused === undefined ? jsonResponse(await reply(asked)) : problemResponse(asked.refused),
    host: '127.0.0.1',
    ports: [0],
    maxBodyBytes: 8 * 1024 ** 2,
    bodySeconds: 10,
    ...more,
  });
}

async function ask(url: string, options: { agent?: Agent; method?: string; body?: Uint8Array } = {}) {
  const { agent, method = 'POST', body } = options;
  const asked = request(url, { method, ...(agent && { agent }) }).end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

async function connectedTo(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('a server of HTTP', () => {
  test('that closes answers requests that were sent on open connections before they could know', async () => {
    const { url, close } = await start(() => 'here');
    const agents = Array.from({ length: 50 }, () => new Agent({ keepAlive: true }));
    await Promise.all(agents.map((agent) => ask(url, { agent })));
    const asked = agents.map((agent) => ask(url, { agent }));
    const closed = close(10);
    const answers = await Promise.all(asked);
    for (const { status, headers } of answers) assert.deepEqual([status, headers.connection], [200, 'close']);
    await closed;
    await assert.rejects(ask(url), { code: 'ECONNREFUSED' });
  });

  for (const [what, sent] of [
    ['on which nothing was asked', ''],
    ['on which half a head has come', 'GET /readyz HT'],
    ['that is kept open after an answer', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'],
  ] as const)
    test(`that closes waits for no connection ${what}`, async () => {
      const { url, close } = await start(() => 'here');
      const socket = await connectedTo(url);
      socket.write(sent);
      await wait(50);
      const started = performance.now();
      const ended = once(socket, 'close');
      socket.resume();
      await close(20);
      await ended;
      assert.ok(performance.now() - started < 5000);
    });

  test('that closes waits for a request whose body is on its way', async () => {
    const { url, close } = await start(({ body }) => Buffer.from(body).toString());
    const socket = await connectedTo(url);
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nab');
    await wait(50);
    const closed = close(20);
    await wait(800);
    socket.write('cd');
    assert.match(await text(socket), /^HTTP\/1.1 200 .*"abcd"$/s);
    await closed;
  });

  test('that closes waits for the second of two requests that were sent at once, when the first is answered', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { url, close } = await start(({ path }) => (path === '/second' ? promise : 'first'));
    const socket = await connectedTo(url);
    for (const path of ['/first', '/second']) socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await wait(50);
    const closed = close(20);
    await wait(800);
    resolve('second');
    assert.match(await text(socket), /^HTTP\/1.1 200 .*"first".*HTTP\/1.1 200 .*"second"$/s);
    await closed;
  });

  test('that closes refuses with 503 what is not done in time, and nobody works for it any more', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const asked: HttpRequest[] = [];
    const { url, close } = await start((one) => {
      asked.push(one);
      return promise;
    });
    const waiting = ['/v1/models', '/v2/models/m'].map((path) => ask(`${url}${path}`, { method: 'GET' }));
    const unread = await connectedTo(url);
    unread.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nab');
    while (asked.length < 2) await wait(10);
    const started = performance.now();
    const closed = close(1);
    for (const { status, headers, body } of await Promise.all(waiting)) {
      assert.deepEqual([status, headers['retry-after'], headers.connection], [503, '1', 'close']);
      assert.match(body, /"detail":"The server is stopping\."/);
    }
    assert.match((await waiting[1]!).body, /"error":"The server is stopping\."/);
    assert.match(await text(unread), /^HTTP\/1.1 503 /);
    await closed;
    assert.ok(performance.now() - started < 1500);
    assert.deepEqual(
      asked.map(({ isGone }) => isGone?.()),
      [true, true],
    );
    resolve('late');
  });

  test('holds a limited number of bytes of bodies at once, and asks others to come again', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { promise: isHeld, resolve: held } = Promise.withResolvers<void>();
    const answer = () => {
      held();
      return promise;
    };
    const { url, close } = await start(answer, { maxHeldBytes: 6 * 1024 ** 2 });
    const body = new Uint8Array(4 * 1024 ** 2);
    const first = ask(url, { body });
    await isHeld;
    const second = await ask(url, { body });
    assert.deepEqual([second.status, second.headers['retry-after']], [503, '1']);
    assert.match(
      second.body,
      /The bodies and answers of other requests take \d+ bytes already\. Try again in a moment\./,
    );
    resolve('read');
    assert.equal((await first).status, 200);
    const third = await ask(url, { body: new Uint8Array(7 * 1024 ** 2) });
    assert.equal(third.status, 200, 'one alone may have more');
    await close();
  });

  for (const method of ['GET', 'POST'])
    test(`holds the bytes of an answer to a ${method} until they are read: what takes room is asked to come again, a probe is answered`, async () => {
      const { url, close } = await start(() => '', { answer: answerLong, maxHeldBytes: 6 * 1024 ** 2 });
      const socket = await connectedTo(url);
      socket.write(`${method} /long HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      await once(socket, 'readable');
      const others = () =>
        Promise.all([
          ask(`${url}/body`, { body: new Uint8Array(8) }),
          ask(`${url}/long`, { method: 'GET' }),
          ask(`${url}/livez`, { method: 'GET' }),
        ]);
      assert.deepEqual(
        (await others()).map(({ status }) => status),
        [503, 503, 200],
      );
      assert.ok((await text(socket)).length > LONG.length);
      for (const path of ['body', 'long']) assert.equal((await ask(`${url}/${path}`, { method: 'GET' })).status, 200);
      await close();
    });

  test('holds nothing of an answer whose client has gone, however many were on their way on its connection', async () => {
    const { url, close } = await start(() => '', { answer: answerLong, maxHeldBytes: 6 * 1024 ** 2 });
    const socket = await connectedTo(url);
    socket.write('POST /long HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(3));
    await once(socket, 'readable');
    socket.destroy();
    const body = new Uint8Array(8);
    while ((await ask(`${url}/body`, { body })).status === 503) await wait(10);
    await close();
  });

  test('closes a connection that reads its answer too slowly, though it is never still', async () => {
    const { url, close } = await start(() => LONG, { readSeconds: () => 0.2 });
    const socket = await connectedTo(url);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    let bytes = 0;
    const read = async () => {
      for await (const piece of socket) {
        bytes += (piece as Buffer).length;
        await wait(20);
      }
    };
    await read().catch((error: NodeJS.ErrnoException) => assert.equal(error.code, 'ECONNRESET'));
    assert.ok(bytes < LONG.length);
    await close();
    assert.ok(secondsToRead(64e6) > 64, 'a slow but honest client, which reads a megabyte a second');
  });

  test('answers 16 requests that were sent on a connection at once, and closes one with more', async () => {
    let asked = 0;
    const { url, close } = await start(() => {
      asked += 1;
      return wait(50, 'here');
    });
    for (const [sent, answered] of [
      [16, 16],
      [1000, 0],
    ] as const) {
      asked = 0;
      const socket = await connectedTo(url);
      for (let i = 1; i <= sent; i += 1)
        socket.write(`GET / HTTP/1.1\r\nhost: x\r\n${i === 16 && sent === 16 ? 'connection: close\r\n' : ''}\r\n`);
      const answers = await text(socket).catch(() => '');
      assert.deepEqual([answers.match(/"here"/g)?.length ?? 0, asked], [answered, 16]);
    }
    await close();
  });

  test('knows of each request whether its client has gone', async () => {
    const { promise, resolve } = Promise.withResolvers<HttpRequest>();
    const { url, close } = await start((asked) => {
      resolve(asked);
      return new Promise(() => {});
    });
    const socket = await connectedTo(url);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const { isGone } = await promise;
    assert.equal(isGone!(), false);
    socket.destroy();
    await wait(50);
    assert.equal(isGone!(), true);
    await close();
  });

  test('says nothing of the length of a body that is left out', async () => {
    const { url, close } = await start(() => 'here');
    const { status, headers } = await ask(url, { method: 'HEAD' });
    assert.deepEqual([status, headers['content-length']], [200, undefined]);
    await close();
  });
});
