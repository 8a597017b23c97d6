import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { selfSigned } from '../test/benches/certificate.ts';
import { isNear, isPublic } from './addresses.ts';
import { makeReadUrl, type ReadUrlOptions } from './readUrl.ts';

const IMAGE = Buffer.from('an image');
const MOST_BYTES = 1000;
const { key, cert } = selfSigned();

/** What is at each path. */
const PAGES: Record<string, (response: ServerResponse) => void> = {
  '/image': (response) => response.end(IMAGE),
  '/moved': (response) => response.writeHead(302, { location: '/image' }).end('over there'),
  '/nowhere': (response) => response.writeHead(301).end(),
  '/circle': (response) => response.writeHead(307, { location: '/circle' }).end(),
  '/plain': (response) => response.writeHead(301, { location: 'http://127.0.0.1/image' }).end(),
  '/elsewhere': (response) => response.writeHead(308, { location: 'https://169.254.169.254/latest/meta-data' }).end(),
  '/missing': (response) => response.writeHead(404).end('none'),
  '/large': (response) => response.end(Buffer.alloc(MOST_BYTES + 1)),
  '/endless': (response) => {
    const more = () => response.write(Buffer.alloc(100));
    const timer = setInterval(more, 1);
    response.once('close', () => clearInterval(timer));
  },
  '/slow': () => {},
  '/stuck': (response) => void response.write('an'),
  '/broken': async (response) => {
    response.writeHead(200, { 'content-length': 8 }).write('an');
    await setTimeout(10);
    response.destroy();
  },
};

describe('an image at an address', () => {
  let server: Server;
  let host: string;
  const asked: string[] = [];

  before(async () => {
    server = createServer({ key, cert }, (request, response) => {
      asked.push(request.url!);
      PAGES[request.url!]!(response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  /** As one may that is allowed to ask this machine. */
  const read = (path: string, options: Partial<ReadUrlOptions> = {}) =>
    makeReadUrl({
      hosts: [host],
      seconds: 5,
      mostBytes: MOST_BYTES,
      network: { addressesOf: async () => ['127.0.0.1'], isAllowed: (address) => address === '127.0.0.1', ca: cert },
      ...options,
    })(path.startsWith('/') ? `https://${host}${path}` : path, 'inputs[2]');

  const refused = (reading: Promise<unknown>, says: RegExp) =>
    assert.rejects(reading, ({ name, message }: Error) => {
      assert.equal(name, 'InvalidSceneFile');
      assert.match(message, /^inputs\[2\]\.url: /);
      assert.match(message, says);
      return true;
    });

  test('is read', async () => {
    assert.deepEqual(await read('/image'), IMAGE);
    assert.deepEqual(await read('/moved'), IMAGE);
  });

  for (const [path, says] of [
    ['/missing', /“127.0.0.1:\d+” answers 404, allowed is 200 with a file of an image/],
    ['/nowhere', /answers 301, allowed is 200/],
    ['/circle', /redirects more than 3 times/],
    ['/plain', /redirects to “http:\/\/127.0.0.1\/image”, allowed is an address with https/],
    [
      '/elsewhere',
      /redirects to “https:\/\/169\.254\.169\.254\/latest\/meta-data”, allowed hosts are 127\.0\.0\.1:\d+/,
    ],
    ['/large', /found 1001 bytes, allowed are at most 1000/],
    ['/endless', /found more than 1000 bytes, allowed are at most 1000/],
    ['/broken', /cannot be read/],
    ['http://example.com/a.png', /found “http:\/\/example.com\/a.png”, allowed is an address with https/],
    ['file:///etc/passwd', /allowed is an address with https/],
    ['an image', /found “an image”, allowed is an address with https/],
    ['https://example.com/a.png', /allowed hosts are 127\.0\.0\.1:\d+/],
    ['https://127.0.0.1/image', /allowed hosts are/], // another port is another server
  ] as const)
    test(`${path} is refused`, () => refused(read(path), says));

  test('with a user or a password is refused, and neither is repeated', async () => {
    const reading = read(`https://user:hunter2@${host}/image`);
    await refused(reading, /with a user or a password/);
    await assert.rejects(reading, ({ message }: Error) => !/hunter2/.test(message));
  });

  for (const path of ['/slow', '/stuck'])
    test(`${path} is given up once its time is over`, () =>
      refused(read(path, { seconds: 0.2 }), /took longer than the 0\.2 s that are allowed/));

  test('of a name that is not found in time is given up as well', () =>
    refused(
      read('https://images.example/a.png', {
        hosts: ['images.example'],
        seconds: 0.2,
        network: { addressesOf: () => new Promise(() => {}), isAllowed: isPublic },
      }),
      /“images\.example” took longer than the 0\.2 s/,
    ));

  test('is not asked for where no host is named', () =>
    refused(read('/image', { hosts: [] }), /found an address, but none is read here/));

  test('is not asked for at an address of a private network, by number or by name', async () => {
    const before = asked.length;
    await refused(
      makeReadUrl({ hosts: [host] })(`https://${host}/image`, 'inputs[2]'),
      /is 127\.0\.0\.1, allowed are addresses of the public internet/,
    );
    // Of a name that leads to both, neither is asked.
    const network = { addressesOf: async () => ['93.184.215.14', '10.0.0.7'], isAllowed: isPublic };
    await refused(
      read('https://images.example/a.png', { hosts: ['images.example'], network }),
      /“images\.example” is 10\.0\.0\.7/,
    );
    assert.equal(asked.length, before);
  });

  test('of a server whose certificate is not trusted cannot be read', () =>
    refused(
      read('/image', { network: { addressesOf: async () => ['127.0.0.1'], isAllowed: () => true } }),
      /cannot be read \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
    ));
});

test('addresses of the public internet are those that are kept for nothing else', () => {
  const open = ['8.8.8.8', '93.184.215.14', '2606:4700::1111', '::ffff:8.8.8.8'];
  const of4 = '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.0.0.8 192.0.2.1 192.168.1.1';
  const more4 = '198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255';
  const of6 = ':: ::1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::a00:1 100::1 2001:db8::1';
  const more6 = '2002:a00:1:: 2001::1 fc00::1 fd00:ec2::254 fe80::1 ff02::1';
  const kept = [...[of4, more4, of6, more6].flatMap((some) => some.split(' ')), 'no address'];
  assert.deepEqual(open.filter(isPublic), open);
  assert.deepEqual(kept.filter(isPublic), []);
});

test('addresses of this machine, private networks and cloud metadata are refused, others are allowed', () => {
  const near = ['10.1.2.3', '127.0.0.1', '172.16.0.1', '192.168.1.1', '::1', '::ffff:10.0.0.1', 'fd00:ec2::254'];
  const far = ['8.8.8.8', '169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', '0.0.0.0', '224.0.0.1', 'no address'];
  assert.deepEqual(near.filter(isNear), near);
  assert.deepEqual(far.filter(isNear), []);
});
