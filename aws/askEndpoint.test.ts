import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { askHosts } from './askEndpoint.ts';

describe('a server that models run on', () => {
  let stop = () => {};
  afterEach(() => stop());

  async function start(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    stop = () => {
      server.closeAllConnections();
      server.close();
    };
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const ask = (url: string, hosts: readonly string[], seconds?: number) =>
    askHosts(hosts, { seconds })({ url, model: 'm' }, '/v2/models/m', undefined);

  test('is asked below the address that the package gives, if its operator names its host', async () => {
    const url = await start((request, response) =>
      response.setHeader('inference-header-content-length', '2').end(`{}${request.url}`),
    );
    const { status, jsonLength, bytes } = await ask(`${url}/triton/`, ['models.example.org', url]);
    assert.deepEqual([status, jsonLength, new TextDecoder().decode(bytes)], [200, '2', '{}/triton/v2/models/m']);
  });

  test('gets the token that is for it, which no error cites', async () => {
    const url = await start(({ headers }, response) => {
      const isKnown = headers.authorization === 'Bearer t0ken';
      response.writeHead(isKnown ? 200 : 401).end(`${headers.authorization?.replace('Bearer ', '')} is not known.`);
    });
    const askWith = async (token: string) => {
      const tokenOf = async (origin: string) => (origin === url ? token : undefined);
      const { status, bytes } = await askHosts([url], { tokenOf })({ url, model: 'm' }, '/v2/models/m');
      return [status, new TextDecoder().decode(bytes)];
    };
    assert.equal((await askWith('t0ken'))[0], 200);
    assert.deepEqual(await askWith('former'), [401, '(hidden) is not known.']);
  });

  test('gets nothing if it is not named, by another scheme, port or path', async () => {
    const url = await start((_request, response) => response.end());
    for (const hosts of [[], ['127.0.0.1'], [url.replace('http:', 'https:')], ['http://127.0.0.1:1']])
      await assert.rejects(ask(url, hosts), {
        name: 'InvalidModelPackage',
        message:
          /^The model is served by http:\/\/127\.0\.0\.1:\d+; .* may be asked\. Name it in the parameter endpointHosts/,
      });
  });

  test('is waited for if it does not answer, or not in time, and is followed nowhere', async () => {
    const gone = await start((_request, response) => response.end());
    stop();
    await assert.rejects(ask(gone, [gone]), {
      name: 'EndpointUnavailable',
      message: /does not answer: .*ECONNREFUSED/,
    });
    const slow = await start(() => {});
    await assert.rejects(ask(slow, [slow], 0.05), { name: 'EndpointUnavailable', message: /timeout/ });
    stop();
    const elsewhere = await start((_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    );
    assert.equal((await ask(elsewhere, [elsewhere])).status, 302);
  });
});
