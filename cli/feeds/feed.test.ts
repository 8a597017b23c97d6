import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FeedFailed } from '../../core/feeds/feed.ts';
import { type Catalogued, catalogue } from '../../test/benches/stacCatalogue.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { feedFrom } from './feed.ts';

const SCL = new URL('../../models/s2-scl/1.0.0', import.meta.url).pathname;
const BANDS = 'B01 B02 B03 B04 B05 B06 B07 B8A B09 B11 B12'.split(' ');
const DAY = 86_400_000;
const BOX = [
  [5, 50],
  [7, 50],
  [7, 52],
  [5, 52],
  [5, 50],
];

describe('swath feed', () => {
  const cwd = temporaryFolder();
  const items: Catalogued[] = [];
  const { ask, fails } = catalogue(() => items);
  /** The catalogue over HTTP, under its own address. */
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    const path = request.url!.replace(/^\/v1/, 'https://stac.example.org/v1').replace(/\/$/, '');
    const answer = await ask(path, body === '' ? undefined : JSON.parse(body)).catch((error) => error);
    if (answer instanceof FeedFailed) response.writeHead(404).end(JSON.stringify({ detail: answer.message }));
    else response.end(JSON.stringify(answer).replaceAll('https://stac.example.org', `http://${request.headers.host}`));
  });
  let api: string;
  const swath = (...args: string[]) => swathHere(args, cwd);
  const add = (...more: string[]) =>
    swath('feed', 'add', 'north', '--collection', 'sentinel-2-l2a', '--api', api, ...more);

  before(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const at = new Date(Date.now() - DAY).toISOString();
    const assets = Object.fromEntries(BANDS.map((band) => [band, { href: `https://data.example.org/${band}.tif` }]));
    items.push({ id: 'one', at, raw: { assets } }, { id: 'two', at, cloud: 90, raw: { assets } });
    await swath('model', 'publish', SCL);
  });
  after(() => server.close());

  test('add stores a feed that no live model can classify as paused, and says why', async () => {
    const { code, stdout } = await add();
    assert.equal(code, 1);
    assert.match(stdout, /It is paused, because its Items cannot be classified: no live model takes them\./);
    assert.match(
      stdout,
      /^Promote a model .*, or npx swath start --model s2-scl\. Then: npx swath feed resume north$/m,
    );
    const list = (await swath('feed', 'list')).stdout;
    assert.match(list, /^north +paused +sentinel-2-l2a/m);
    assert.match(list, /^north is paused, because its Items cannot be classified: no live model takes them\.$/m);
  });

  test('add follows a feed, takes what is there, and says from where assets are read', async () => {
    await swath('model', 'promote', 's2-scl/1.0.0');
    const { code, stdout, stderr } = await add('--max-cloud', '50');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^The feed north follows sentinel-2-l2a of 127\.0\.0\.1:\d+, from /);
    assert.match(
      stdout,
      /Its first look: 2 Items listed, 1 taken, 0 taken before, 1 left out by area, time or clouds\./,
    );
    assert.match(stdout, /Assets are read from data\.example\.org\./);
    assert.match(
      stdout,
      /^Feeds are looked at every 15 minutes while npx swath start runs\.\nSee each look: npx swath feed list, /m,
    );
    assert.equal(readdirSync(join(cwd, '.swath/inbox/feeds/north')).length, 1);
    const [{ feeds }] = jsonLines<{ feeds: object[] }>(await swath('feed', 'list', '--json')) as [{ feeds: object[] }];
    assert.partialDeepStrictEqual(feeds, [
      { name: 'north', status: 'follows', items: 1, error: null, hosts: ['data.example.org'] },
    ]);
  });

  test('add has a model take the feed, besides what it takes, and refuses one that is not live', async () => {
    await swath('model', 'promote', 's2-scl/1.0.0', '--beside', '--accepts', 'south/*');
    assert.match((await add('--model', 'other')).stderr, /--model: found "other", allowed is a live model: s2-scl\./);
    for (const _ of ['once', 'again']) assert.equal((await add('--max-cloud', '50', '--model', 's2-scl')).code, 0);
    const [{ live }] = jsonLines<{ live: { accepts: string[] }[] }>(await swath('model', 'list', '--json')) as [
      { live: { accepts: string[] }[] },
    ];
    assert.deepEqual(live[0]!.accepts, ['south/*', 'feeds/north/*']);
  });

  test('add with the same name changes what its options say, and nothing else', async () => {
    writeFileSync(join(cwd, 'here.json'), JSON.stringify({ type: 'Polygon', coordinates: [BOX] }));
    const ofNorth = async (...more: string[]) =>
      jsonLines<object>(await swath('feed', 'add', 'north', ...more, '--json'))[0];
    const said = [
      '--area',
      'here.json',
      '--since',
      '2026-01-31',
      '--hosts',
      'data.example.org',
      '--hosts',
      'more.example.org',
    ];
    const { status, api, area, since, maxCloud, hosts } = Object(await ofNorth(...said));
    assert.deepEqual([status, since, maxCloud], ['follows', '2026-01-31T00:00:00.000Z', 50]);
    assert.deepEqual([area.coordinates, hosts], [[[BOX]], ['data.example.org', 'more.example.org']]);
    const other = { status, api, collection: 'sentinel-2-l2a', area, since, maxCloud: 60, hosts };
    assert.partialDeepStrictEqual(await ofNorth('--max-cloud', '60'), other);
    await swath('feed', 'remove', 'north');
    assert.match((await swath('feed', 'add', 'north')).stderr, /there is no feed "north" yet/);
    assert.equal((await add('--max-cloud', '50')).code, 0);
  });

  test('add follows a feed of which some Items cannot be read', async () => {
    items.unshift({ ...items[0]!, id: 'none', raw: { assets: {} } });
    try {
      const { code, stdout } = await add('--max-cloud', '50');
      assert.deepEqual([code, /paused/.test(stdout)], [0, false], stdout);
    } finally {
      items.shift();
    }
  });

  test('test says what a feed, or one with other options, would have taken, and takes nothing', async () => {
    assert.match((await swath('feed', 'test', 'north')).stdout, /^1 scene of 2 that the API lists since /);
    assert.match((await swath('feed', 'test', 'north', '--max-cloud', '95')).stdout, /^2 scenes of 2 /);
    assert.match((await swath('feed', 'test', 'south')).stderr, /there is no feed "south" yet: name its --collection/);
    assert.match(
      (await swath('feed', 'test', 'south', '--collection', 'c')).stderr,
      /earth-search\.aws\.element84\.com/,
    );
  });

  test('test counts an Item once that the API lists several times, and leaves out one that no look takes', async () => {
    const there = [...items];
    items.push(items[0]!, items[0]!, { ...items[0]!, id: 'a'.repeat(300) });
    try {
      assert.match((await swath('feed', 'test', 'north')).stdout, /^1 scene of 5 that the API lists since /);
    } finally {
      items.splice(0, items.length, ...there);
    }
  });

  test('add pauses a feed whose files lie in a bucket that is not read', async () => {
    const all = items.splice(0);
    const inBucket = BANDS.map((band) => [band, { href: `s3://archive/${band}.tif` }]);
    items.push({ ...all[0]!, id: 'three', raw: { assets: Object.fromEntries(inBucket) } });
    const { code, stdout } = await swath(
      'feed',
      'add',
      'west',
      '--collection',
      'sentinel-2-l2a',
      '--api',
      api,
      '--model',
      's2-scl',
    );
    assert.equal(code, 1);
    assert.match(stdout, /: their files lie in s3:\/\/archive, and a laptop reads no buckets\./);
    await swath('feed', 'remove', 'west');
    items.splice(0, 1, ...all);
  });

  test('backfill --feed takes older Items once, and says beforehand how many there are', async () => {
    items.push({ ...items[0]!, id: 'old', at: new Date(Date.now() - 100 * DAY).toISOString() });
    const backfill = (...more: string[]) => swath('backfill', '--feed', 'north', '--since', '200d', ...more);
    assert.match(
      (await backfill('--dry-run')).stdout,
      /: 1 to take, 1 taken before, 1 left out, 0 refused\. On AWS, they cost about \$0\.0\d, with a model of /,
    );
    assert.match((await backfill()).stdout, /: 1 taken, 1 taken before, 1 left out/);
    assert.match((await backfill()).stdout, /: 0 taken, 2 taken before, 1 left out/);
    assert.match((await swath('backfill', '--feed', 'north')).stderr, /--feed needs --since/);
  });

  test('list names a feed whose file is spoilt, and shows the others; so does doctor', async () => {
    const folder = join(cwd, '.swath/models/_feeds/east');
    mkdirSync(folder);
    writeFileSync(join(folder, 'feed.json'), '{"api": 5}');
    const { code, stdout } = await swath('feed', 'list');
    assert.equal(code, 0);
    assert.match(stdout, /^east +spoilt +– +– +never +0\nnorth +follows +sentinel-2-l2a/m);
    assert.match(
      stdout,
      /^east: _feeds\/east\/feed\.json: found “.*”, allowed is what "swath feed add" writes\. Add it/m,
    );
    const [{ feeds }] = jsonLines<{ feeds: object[] }>(await swath('feed', 'list', '--json')) as [{ feeds: object[] }];
    assert.partialDeepStrictEqual(feeds, [{ name: 'east', items: 0 }, { name: 'north' }]);
    assert.match((await swath('doctor')).stdout, /_feeds\/east\/feed\.json: found .*See "swath feed list"\./s);
    rmSync(folder, { recursive: true });
  });

  test('pause, resume and remove say what becomes of a feed; list and doctor follow', async () => {
    for (const [verb, says, status] of [
      ['pause', /is paused: nothing of it is taken until it is resumed/, 'paused'],
      ['resume', /is followed again/, 'follows'],
      ['remove', /is removed\. Its Items and their runs stay/, undefined],
    ] as const) {
      assert.match((await swath('feed', verb, 'north')).stdout, says);
      const [{ feeds }] = jsonLines<{ feeds: { status: string }[] }>(await swath('feed', 'list', '--json')) as [
        { feeds: { status: string }[] },
      ];
      assert.equal(feeds[0]?.status, status);
    }
    const { code, stderr } = await swath('feed', 'pause', 'north');
    assert.deepEqual([code, stderr], [2, 'swath: there is no feed "north". "npx swath feed list" lists them.\n']);
  });

  for (const [what, args, says] of [
    ['a name that is none', ['a/b', '--collection', 'x'], /NAME: found "a\/b", allowed is a name of at most/],
    [
      'an address that is none',
      ['a', '--collection', 'x', '--api', 'ftp://x'],
      /--api: found "ftp:\/\/x", allowed is the address of a STAC API/,
    ],
    [
      'a file that is no GeoJSON',
      ['a', '--collection', 'x', '--area', 'area.txt'],
      /--area: found "area\.txt", allowed is a file of GeoJSON/,
    ],
    [
      'an area in metres',
      ['a', '--collection', 'x', '--area', 'metres.json'],
      /metres\.json: “coordinates\[0\]: found .*in degrees/,
    ],
    [
      'clouds of more than all',
      ['a', '--collection', 'x', '--max-cloud', '101'],
      /--max-cloud: found "101", allowed is a number from 0 to 100/,
    ],
    ['no collection', ['a'], /there is no feed "a" yet: name its --collection, or its --inventory with --pattern/],
    [
      'a pattern without an inventory',
      ['a', '--pattern', '{id}'],
      /--pattern is of an --inventory, which is not named\./,
    ],
    [
      'an inventory that is no folder',
      ['a', '--inventory', 's3://x', '--pattern', '{id}'],
      /--inventory: found "s3:\/\/x", allowed is a folder of a bucket/,
    ],
    [
      'an inventory without bands',
      ['a', '--inventory', 's3://archive/', '--pattern', '{id}.tif'],
      /the pattern “\{id\}\.tif”: found no bands, allowed are those that a scene has/,
    ],
    [
      'an inventory with clouds',
      ['a', '--inventory', 's3://archive/', '--pattern', '{id}', '--bands', 'B', '--max-cloud', '9'],
      /'--inventory <address>' cannot be used with option '--max-cloud <percent>'/,
    ],
  ] as const)
    test(`add refuses ${what}`, async () => {
      writeFileSync(join(cwd, 'area.txt'), 'no JSON');
      const ring = [
        [500_000, 5_800_000],
        [600_000, 5_800_000],
        [600_000, 5_900_000],
        [500_000, 5_800_000],
      ];
      writeFileSync(join(cwd, 'metres.json'), JSON.stringify({ type: 'Polygon', coordinates: [ring] }));
      const { code, stderr } = await swath('feed', 'add', ...args);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });

  test('add changes one thing of an inventory, or has an API take its place', async () => {
    const named = {
      inventory: 's3://archive/b/',
      pattern: '{id}_{band}.tif',
      bands: 'B,G',
      time: '_%Y%m%d_',
      every: 6,
    };
    const { since, ...known } = await feedFrom('a', named);
    const often = await feedFrom('a', { every: 48 }, { ...known, since });
    assert.deepEqual(often, { ...known, since, inventory: { bands: ['B', 'G'], time: '_%Y%m%d_', every: 48 } });
    const other = await feedFrom('a', { pattern: '{id}-{band}.tif' }, often);
    assert.deepEqual(other, { ...often, collection: '{id}-{band}.tif' });
    const { inventory, api: address, collection } = await feedFrom('a', { collection: 'x', api }, other);
    assert.deepEqual([inventory, address, collection], [undefined, api, 'x']);
  });

  test('add stores no inventory on a laptop, which lists no buckets', async () => {
    const { code, stderr } = await swath(
      'feed',
      'add',
      'a',
      '--inventory',
      's3://archive/b/',
      '--pattern',
      '{id}',
      '--bands',
      'B',
    );
    assert.equal(code, 1);
    assert.match(stderr, /s3:\/\/archive\/b\/: a laptop lists no buckets\. Add the feed to a stage \(--stage\)/);
  });

  test('add stores nothing where the API does not know the collection', async () => {
    fails('there is no such collection');
    const { code, stderr } = await add();
    assert.equal(code, 1);
    assert.match(stderr, /answers 404 with “.*no such collection.*”\. See what the API allows/);
    assert.match((await swath('feed', 'list')).stdout, /^There is no feed\. Add one: npx swath feed add --help\n$/);
  });
});
