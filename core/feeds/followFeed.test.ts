import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { memoryBucket } from '../../test/benches/memoryBucket.ts';
import { type Catalogued, catalogue, itemOf } from '../../test/benches/stacCatalogue.ts';
import { DAY_MILLISECONDS } from '../base/time/days.ts';
import type { Datum } from '../metrics/metrics.ts';
import { type Feed, feedsIn } from './feed.ts';
import { followFeeds, lookAtFeed, takeNotified } from './followFeed.ts';

const FEED: Feed = {
  name: 'north',
  api: 'https://stac.example.org/v1',
  collection: 'sentinel-2-l2a',
  area: {
    type: 'MultiPolygon',
    coordinates: [
      [
        [
          [10, 50],
          [11, 50],
          [11, 51],
          [10, 51],
          [10, 50],
        ],
      ],
    ],
  },
  maxCloud: 40,
  since: '2026-10-01T00:00:00Z',
  hosts: ['data.example.org'],
  status: 'follows',
};

describe('a feed', () => {
  let items: Catalogued[];
  let objects: Map<string, Uint8Array>;
  let models: Map<string, Uint8Array>;
  let time: Date;
  let api: ReturnType<typeof catalogue>;
  let datums: Datum[];
  beforeEach(async () => {
    [items, objects, models, datums] = [[], new Map(), new Map(), []];
    time = new Date('2026-10-20T12:00:00Z');
    api = catalogue(() => items);
    await feedsIn(memoryBucket(models)).put(FEED);
  });

  const ports = () => ({
    modelBucket: memoryBucket(models),
    inbox: memoryBucket(objects),
    inboxPrefix: 'in/',
    ask: api.ask,
    now: () => time,
    publish: async (published: Datum[]) => void datums.push(...published),
  });
  const look = () => lookAtFeed('north', ports());
  const ids = () => [...objects.keys()].map((key) => /([^/]+)\.[0-9a-f]{10}\.stac\.json$/.exec(key)![1]!).sort();
  const after = (days: number) => {
    time = new Date(time.getTime() + days * DAY_MILLISECONDS);
  };

  test('puts each new Item into the inbox once, with its addresses made whole and the area that is wanted', async () => {
    items = [
      { id: 'S2A_1', at: '2026-10-19T10:00:00Z', cloud: 12 },
      { id: 'S2A_2', at: '2026-10-20T10:00:00Z', cloud: 40, href: './B02.tif' },
    ];
    assert.deepEqual((await look())?.count, { seen: 2, taken: 2, known: 0, leftOut: 0, refused: 0 });
    assert.deepEqual((await look())?.count, { seen: 2, taken: 0, known: 2, leftOut: 0, refused: 0 });
    const [first, second] = [...objects].map(([key, bytes]) => ({
      key,
      item: JSON.parse(Buffer.from(bytes).toString()),
    }));
    assert.match(first!.key, /^in\/feeds\/north\/2026-10-19\/S2A_1\.[0-9a-f]{10}\.stac\.json$/);
    assert.deepEqual(first!.item.properties['swath:area'], FEED.area);
    assert.equal(second!.item.assets.B02.href, 'https://stac.example.org/v1/collections/sentinel-2-l2a/items/B02.tif');
  });

  for (const [what, item, isTaken] of [
    ['is as cloudy as is allowed', { cloud: 40 }, true],
    ['is cloudier', { cloud: 40.1 }, false],
    ['does not say how cloudy it is', { cloud: undefined }, true],
    ['was acquired before the feed begins', { at: '2026-09-30T23:59:59Z' }, false],
    ['is of another collection', { collection: 'sentinel-2-l1c' }, false],
    ['reaches into the area', { bbox: [10.9, 50.9, 12, 52] }, true],
    ['lies in the area', { bbox: [10.4, 50.4, 10.5, 50.5] }, true],
    ['has the area within it', { bbox: [0, 40, 20, 60] }, true],
    ['lies beside the area', { bbox: [11.1, 50, 12, 51] }, false],
    ['is placed by longitudes beyond 180', { bbox: [370.2, 50.2, 370.4, 50.4] }, true],
  ] as const)
    test(`${isTaken ? 'takes' : 'leaves out'} an Item that ${what}, whether the API filters or not`, async () => {
      items = [{ id: 'one', at: '2026-10-19T10:00:00Z', cloud: 0, ...item } as Catalogued];
      api.obeys(false);
      await look();
      assert.equal(objects.size, isTaken ? 1 : 0);
    });

  test('takes an Item again when its catalogue revises it, and not when only a signature changes', async () => {
    items = [{ id: 'one', at: '2026-10-19T10:00:00Z', href: 'https://data.example.org/B02.tif?sig=1' }];
    await look();
    items[0]!.href = 'https://data.example.org/B02.tif?sig=2';
    assert.equal((await look())?.count?.known, 1);
    items[0]!.href = 'https://data.example.org/B02-v2.tif';
    assert.equal((await look())?.count?.taken, 1);
    items[0]!.updated = '2026-10-20T11:00:00Z';
    assert.equal((await look())?.count?.taken, 1);
    assert.deepEqual(ids(), ['one', 'one', 'one']);
  });

  test('takes what appears late: the first look of a day reaches thirty days behind the last such look', async () => {
    await look();
    items = [{ id: 'late', at: '2026-10-01T10:00:00Z' }];
    await look();
    assert.deepEqual(ids(), []); // acquired more than three days ago
    after(1);
    await look();
    assert.deepEqual(ids(), ['late']);
  });

  test('that was not looked at for months, on a laptop that was off, misses nothing of them', async () => {
    await look();
    items = [
      { id: 'autumn', at: '2026-10-21T10:00:00Z' },
      { id: 'winter', at: '2027-01-21T10:00:00Z' },
    ];
    after(120);
    await look();
    assert.deepEqual(ids(), ['autumn', 'winter']);
  });

  test('that was looked at while the clock was ahead begins again', async () => {
    after(200);
    await look();
    after(-200);
    items = [{ id: 'now', at: '2026-10-01T10:00:00Z' }];
    assert.equal((await look())?.error, null);
    assert.deepEqual(ids(), ['now']);
  });

  for (const [what, raw] of [
    [
      'has an asset without an address',
      { assets: { thumb: { href: '' }, none: null, B04: { href: 'https://data.example.org/b04.tif' } } },
    ],
    ['says that it has no collection', { collection: null }],
  ] as const)
    test(`takes an Item that ${what}`, async () => {
      items = [{ id: 'one', at: '2026-10-19T10:00:00Z', raw }];
      assert.equal((await look())?.count?.taken, 1);
      const [bytes] = objects.values();
      const { assets } = JSON.parse(Buffer.from(bytes!).toString());
      assert.deepEqual(Object.keys(assets), 'assets' in raw ? ['B04'] : Object.keys(itemOf(items[0]!).assets));
    });

  test('whose looks fail says why, counts them, and takes everything once one succeeds, back to its beginning', async () => {
    items = [{ id: 'first', at: '2026-10-02T10:00:00Z' }];
    api.fails('stac.example.org answers 503, 4 times.');
    for (const failures of [1, 2, 3]) {
      assert.deepEqual(await followFeeds(ports()), { feeds: 1, taken: 0, failures });
      after(20);
    }
    const { error } = (await feedsIn(memoryBucket(models)).state('north'))!;
    assert.equal(error, 'stac.example.org answers 503, 4 times.');
    assert.deepEqual(
      datums.map(({ metric, value }) => [metric, value]),
      [0, 1, 1, 2, 2, 3].map((n) => ['FeedFailures', n]), // as they are stored, and after the look
    );
    api.fails(null);
    assert.deepEqual(await followFeeds(ports()), { feeds: 1, taken: 1, failures: 0 });
  });

  test('whose look is killed, or ends with an error that nobody foresaw, has failed until another one succeeds', async () => {
    const broken = { ...ports(), inbox: { ...ports().inbox, list: () => Promise.reject(new Error('no such bucket')) } };
    items = [{ id: 'one', at: '2026-10-19T10:00:00Z' }];
    assert.deepEqual(await followFeeds(broken), { feeds: 1, taken: 0, failures: 1 });
    const { putState } = feedsIn(memoryBucket(models));
    await putState('north', {
      at: time.toISOString(),
      error: 'The look did not end.',
      failures: 2,
      day: null,
      count: null,
    });
    assert.deepEqual(await followFeeds(ports()), { feeds: 1, taken: 1, failures: 0 });
  });

  test('whose looks take all the time of their calls is counted where alarms see it', async () => {
    const call = () =>
      new Promise<void>((begun) => {
        const ask = () => {
          begun();
          return new Promise<never>(() => {});
        };
        void followFeeds({ ...ports(), ask });
      });
    for (const _ of [1, 2, 3, 4]) await call();
    assert.deepEqual(
      datums.map(({ value }) => value),
      [0, 1, 2, 3],
    );
  });

  test('that no call reaches is counted as well, and one that is paused is not', async () => {
    const { put, putState } = feedsIn(memoryBucket(models));
    const failed = { at: time.toISOString(), error: 'wrong', day: null, count: null };
    await put({ ...FEED, name: 'last' });
    await putState('last', { ...failed, failures: 3 });
    await put({ ...FEED, name: 'paused', status: 'paused' });
    await putState('paused', { ...failed, failures: 9 });
    assert.deepEqual(await followFeeds(ports()), { feeds: 2, taken: 0, failures: 0 });
    assert.deepEqual(
      datums.map(({ value }) => value),
      [3, 3, 0], // before the looks, after the one at north, and after the one at last
    );
  });

  for (const status of ['paused', 'removed'] as const)
    test(`that has failed and is ${status} is counted no longer: the alarm about it is over`, async () => {
      api.fails('stac.example.org answers 503, 4 times.');
      for (const _ of [1, 2, 3]) await followFeeds(ports());
      assert.equal(datums.at(-1)?.value, 3);
      await feedsIn(memoryBucket(models)).put({ ...FEED, status });
      assert.deepEqual(await followFeeds(ports()), { feeds: 0, taken: 0, failures: 0 });
      assert.equal(datums.at(-1)?.value, 0);
    });

  test('that never was publishes nothing', async () => {
    models.clear();
    assert.deepEqual(await followFeeds(ports()), { feeds: 0, taken: 0, failures: 0 });
    assert.deepEqual(datums, []);
  });

  test('that fails keeps no other one from being looked at', async () => {
    models.set('_feeds/broken/feed.json', Buffer.from('{"api": 5}'));
    items = [{ id: 'one', at: '2026-10-19T10:00:00Z' }];
    assert.deepEqual(await followFeeds(ports()), { feeds: 2, taken: 1, failures: 1 });
  });

  test('is not looked at while it is paused or removed', async () => {
    for (const status of ['paused', 'removed'] as const) {
      await feedsIn(memoryBucket(models)).put({ ...FEED, status });
      assert.equal(await look(), null);
    }
    assert.equal(api.requests.length, 0);
  });

  test('takes an Item once where two look at the same time', async () => {
    items = [{ id: 'one', at: '2026-10-19T10:00:00Z' }];
    const looks = await Promise.all([look(), look(), look()]);
    assert.equal(
      looks.reduce((sum, one) => sum + one!.count!.taken, 0),
      1,
    );
  });

  for (const [what, item, says] of [
    ['has no assets', { raw: { assets: undefined } }, /“assets: .*allowed are Items of STAC/],
    [
      'has an id of a thousand letters',
      { id: 'x'.repeat(1000) },
      /found an id of 1000 letters, allowed are at most 200/,
    ],
    ['has more than a megabyte', { raw: { more: 'x'.repeat(2 ** 20) } }, /bytes, allowed are 1048576/],
    ['has no id', { raw: { id: undefined } }, /“id: /],
  ] as const)
    test(`refuses an Item that ${what}, takes the others and says why`, async () => {
      items = [
        { id: 'wrong', at: '2026-10-19T10:00:00Z', ...item } as Catalogued,
        { id: 'right', at: '2026-10-19T10:00:00Z' },
      ];
      const { count } = (await look())!;
      assert.deepEqual([count?.refused, count?.taken], [1, 1]);
      assert.match(count!.why!, says);
    });

  test('keeps an id of any letters apart from others, and within its folder', async () => {
    const names = [
      'a/b',
      '../../up',
      'ü',
      '\ud800',
      'a b',
      '.hidden',
      'x'.repeat(100),
      'a%2Fb',
      'a=2Fb',
      'urn:x:1',
      "it's (1)*~!",
    ];
    items = names.map((id) => ({ id, at: '2026-10-19T10:00:00Z' }));
    await look();
    assert.equal(objects.size, names.length);
    for (const key of objects.keys()) assert.match(key, /^in\/feeds\/north\/2026-10-19\/[\w=-][\w.=-]*\.stac\.json$/);
  });
});

describe('notifications of a topic, whose Items may not be as the API lists them', () => {
  const item = (id: string, more: Partial<Catalogued> = {}) =>
    JSON.stringify(itemOf({ id, at: '2026-10-19T10:00:00Z', cloud: 5, ...more }));

  test('put each Item that a feed wants into the inbox, as a look would, and are counted where they are none', async () => {
    const [models, objects] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()];
    const feeds = feedsIn(memoryBucket(models));
    await feeds.put(FEED);
    await feeds.put({ ...FEED, name: 'everywhere', area: null });
    await feeds.put({ ...FEED, name: 'still', status: 'paused' });
    const listed: Catalogued[] = [
      { id: 'one', at: '2026-10-19T10:00:00Z', cloud: 5, updated: '2026-10-19T12:00:00Z' },
      { id: 'two', at: '2026-10-19T10:00:00Z', cloud: 5, bbox: [30, 0, 31, 1] },
    ];
    const { ask } = catalogue(() => listed);
    const ports = { modelBucket: memoryBucket(models), inbox: memoryBucket(objects), inboxPrefix: '', ask };
    const messages = [
      item('one'),
      JSON.stringify({ Type: 'Notification', Message: item('two', { bbox: [30, 0, 31, 1] }) }),
      item('cloudy', { cloud: 80 }),
      item('not listed yet'),
      '{"hello": 1}',
      'no JSON',
    ];
    assert.deepEqual(await takeNotified(messages, ports), { messages: 6, taken: 3, refused: 3 });
    assert.deepEqual(await takeNotified(messages, ports), { messages: 6, taken: 0, refused: 3 });
    const look = await lookAtFeed('north', { ...ports, now: () => new Date('2026-10-20T12:00:00Z') });
    assert.equal(look?.count?.known, 1);
  });
});
