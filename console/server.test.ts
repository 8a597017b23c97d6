import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { TransientTrouble } from '../core/base/errors.ts';
import { startTestConsole, tinyPage } from '../test/benches/console.ts';
import { startTestService } from '../test/benches/service.ts';
import type { Signs } from './api.ts';
import { startConsole } from './server.ts';

/** Who may ask the console for what. What it answers is told in api.test.ts. */

const swath = await startTestConsole(await startTestService());
const failed = await swath.fail('lost.tfrecord', 'FAILED');
const retry = `/api/runs/${failed.run}/retry`;
const { host, port, origin } = swath;

describe('the page', () => {
  test('is a document, a script and a style', async () => {
    const document = await swath.ask('GET', '/');
    assert.match(document.text, /^<!doctype html>/);
    for (const [path, type, content] of [
      ['/page.js', 'text/javascript; charset=utf-8', /document\.body\.append\("up"\)/],
      ['/page.css', 'text/css; charset=utf-8', /^body\{color:green\}$/m],
    ] as const) {
      assert.ok(document.text.includes(`"${path}"`), `the document asks for ${path}`);
      const { status, headers, text } = await swath.ask('GET', path);
      assert.deepEqual([status, headers['content-type'], headers['cache-control']], [200, type, 'no-cache']);
      assert.match(text, content);
    }
  });

  test('has no inline script and no external address', async () => {
    const { text } = await swath.ask('GET', '/');
    assert.deepEqual(text.match(/<script[^>]*>[^<]*/g), ['<script type="module" src="/page.js">']);
    assert.doesNotMatch(text, /\son\w+=|javascript:|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  });
});

describe('every answer', () => {
  const answers = ['/', '/page.js', '/api/runs', '/api/nothing', '/nothing'];
  for (const path of answers)
    test(`has the security headers: ${path}`, async () => {
      const { headers } = await swath.ask('GET', path);
      const policy = String(headers['content-security-policy']).split('; ');
      assert.ok(policy.includes("default-src 'none'"));
      assert.ok(policy.includes("script-src 'self'"));
      assert.ok(policy.includes("frame-ancestors 'none'"));
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.ok(
        !Object.keys(headers).some((name) => name.startsWith('access-control-')),
        'no other origin may read it',
      );
    });

  test('of the API is not kept by the browser', async () => {
    assert.equal((await swath.ask('GET', '/api/runs')).headers['cache-control'], 'no-store');
  });
});

describe('a request is answered only', () => {
  const evil = 'http://evil.example';
  const cases: [
    what: string,
    method: string,
    path: string,
    headers: Record<string, string | undefined>,
    status: number,
  ][] = [
    ['under the loopback address', 'GET', '/', {}, 200],
    ['to a question about what would be answered', 'HEAD', '/api/runs', {}, 200],
    ['not to one where something is only done', 'HEAD', retry, {}, 405],
    ['under the name localhost', 'GET', '/', { host: `localhost:${port}` }, 200],
    ['under a name in capitals', 'GET', '/', { host: `LOCALHOST:${port}` }, 200],
    ['not under a name that somebody points to the loopback', 'GET', '/', { host: `evil.example:${port}` }, 421],
    ['not under a name that begins like it', 'GET', '/', { host: `localhost.evil.example:${port}` }, 421],
    ['not under another port', 'GET', '/api/runs', { host: '127.0.0.1:1' }, 421],
    ['not without a port', 'GET', '/', { host: '127.0.0.1' }, 421],
    ['by a typed address', 'GET', '/api/runs', { 'sec-fetch-site': 'none' }, 200],
    ['by our page', 'GET', '/api/runs', { 'sec-fetch-site': 'same-origin' }, 200],
    ['not by a foreign page', 'GET', '/api/runs', { 'sec-fetch-site': 'cross-site' }, 403],
    ['not by a page of another port', 'GET', '/api/runs', { 'sec-fetch-site': 'same-site' }, 403],
    ['by a link to the page, wherever it stands', 'GET', '/', { 'sec-fetch-site': 'cross-site' }, 200],
    ['not for a change by a foreign page', 'POST', retry, { origin: evil }, 403],
    ['not for a change by a page of another port', 'POST', retry, { origin: 'http://127.0.0.1:1' }, 403],
    ['not for a change by our page under a name that is not ours', 'POST', retry, { host: 'evil.example' }, 421],
    ['not for a change by a page under https', 'POST', retry, { origin: `https://${host}` }, 403],
    ['not for a change by a page in a sandbox', 'POST', retry, { origin: 'null' }, 403],
    ['not for a change without an origin', 'POST', retry, { origin: undefined }, 403],
    ['not for a change that the browser calls cross-site', 'POST', retry, { 'sec-fetch-site': 'cross-site' }, 403],
    ['not for a change by a form', 'POST', retry, { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['not for a change by a text', 'POST', retry, { 'content-type': 'text/plain; application/json' }, 415],
    ['not for a change without a content type', 'POST', retry, { 'content-type': undefined }, 415],
    ['not for a change by GET', 'GET', retry, {}, 405],
    ['not where something is read by POST', 'POST', '/api/runs', {}, 405],
    ['not to a question about what is allowed', 'OPTIONS', retry, { 'content-type': undefined }, 415],
    ['not by other methods', 'DELETE', `/api/runs/${failed.run}`, {}, 405],
    ['not at an unknown address', 'GET', '/favicon.ico', {}, 404],
    ['not at a path outside', 'GET', '/../package.json', {}, 404],
    ['not at an encoded path outside', 'GET', '/%2e%2e/package.json', {}, 404],
    ['not at an address that is none', 'GET', '//', {}, 400],
  ];
  for (const [what, method, path, headers, status] of cases)
    test(`${what}: ${status}`, async () => {
      const answered = await swath.ask(method, path, headers);
      assert.equal(answered.status, status);
      if (method === 'HEAD') assert.equal(answered.text, '');
      else if (status >= 400) assert.equal(typeof JSON.parse(answered.text).message, 'string');
    });

  test('and nothing of all that has started anything', () => assert.deepEqual(swath.started, []));

  test('as an address of the machine and of no network', async () => {
    assert.equal(new URL(swath.console.url).hostname, '127.0.0.1');
    const { headers } = await swath.ask('DELETE', '/api/runs');
    assert.equal(headers.allow, 'GET, HEAD');
  });
});

describe('a retry', () => {
  test('is done once: what follows on it is refused with a sentence', async () => {
    const first = await swath.ask('POST', retry, { origin, 'sec-fetch-site': 'same-origin' });
    assert.equal(first.status, 200);
    assert.deepEqual(JSON.parse(first.text), { execution: `arn:execution:${failed.run}-2` });
    assert.match(await swath.problem(retry, 'POST'), /^409 Attempt 2 of run \w+ was started before/);
    await swath.claim('lost.tfrecord'); // as the execution that was started does
    assert.equal(await swath.problem(retry, 'POST'), `409 Run ${failed.run} is CLAIMED: it is still running.`);
    assert.deepEqual(swath.started, [`${failed.run}-2`]);
  });

  test('of a file that can never work is refused', async () => {
    const { run } = await swath.fail('broken.tfrecord', 'INVALID');
    assert.match(
      await swath.problem(`/api/runs/${run}/retry`, 'POST'),
      /^409 Run \w+ is INVALID: the file can never be processed/,
    );
  });

  test('of an unknown run is not found', async () => {
    const nobody = '0'.repeat(32);
    const wanted = `404 The ledger has no run ${nobody}.`;
    assert.equal(await swath.problem(`/api/runs/${nobody}/retry`, 'POST'), wanted);
  });
});

describe('live', () => {
  test('the signs of the runs, the metrics and the alarms change with them', async () => {
    const signs = () => swath.get<Signs>('/api/signs');
    const changed = async (before: Signs) => {
      const now = await signs();
      return (['runs', 'metrics', 'alarms'] as const).filter((kind) => now[kind] !== before[kind]);
    };
    const first = await signs();
    assert.deepEqual(await changed(first), []);
    await swath.claim('new.tfrecord');
    assert.deepEqual(await changed(first), ['runs']);
    await swath.publish('Sweeps', 1);
    const since = '2026-03-16T09:00:00.000Z';
    swath.alarms.push({ id: 'drift', name: 'swath-test-drift', state: 'ALARM', since, reason: 'It drifts.' });
    assert.deepEqual(await changed(first), ['runs', 'metrics', 'alarms']);
  });
});

describe('trouble', () => {
  test('is a sentence for the browser, and is reported on the server', async () => {
    const trouble = new TransientTrouble('The table is asked too often.');
    const { byRun } = swath.service.ledger;
    swath.service.ledger.byRun = () => Promise.reject(trouble);
    const { status, text } = await swath.ask('GET', `/api/runs/${failed.run}`);
    swath.service.ledger.byRun = byRun;
    assert.deepEqual([status, JSON.parse(text)], [500, { message: 'The table is asked too often.' }]);
    assert.deepEqual(swath.errors, [trouble]);
    assert.equal((await swath.ask('GET', `/api/runs/${failed.run}`)).status, 200, 'and passes');
  });

  test('with the page is reported before anything is served', async () => {
    const page = tinyPage('let b = (;');
    await assert.rejects(
      startConsole({ service: swath.service, tryModel: async () => {}, port: 0, page }),
      /main\.tsx:1:9/,
    );
  });

  test('with the port is reported if the port was requested', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    after(() => other.close());
    await once(other, 'listening');
    const { port: busy } = other.address() as AddressInfo;
    const page = tinyPage('1');
    await assert.rejects(startConsole({ service: swath.service, tryModel: async () => {}, port: busy, page }), {
      code: 'EADDRINUSE',
      port: busy,
    });
  });

  test('with the usual port does not occur: the next free one is taken', async () => {
    const page = tinyPage('1');
    const consoles = [
      await startConsole({ service: swath.service, tryModel: async () => {}, page }),
      await startConsole({ service: swath.service, tryModel: async () => {}, page }),
    ];
    after(() => Promise.all(consoles.map(({ close }) => close())));
    const [first, second] = consoles.map(({ url }) => Number(new URL(url).port));
    assert.ok(first! >= 4680 && second! > first!, `${first}, then ${second}`);
  });
});
