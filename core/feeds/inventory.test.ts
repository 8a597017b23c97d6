import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryBucket } from '../../test/benches/memoryBucket.ts';
import { MAX_INVENTORY_OBJECTS } from '../base/limits.ts';
import { type Feed, feedsIn } from './feed.ts';
import { lookAtFeed } from './followFeed.ts';
import type { ListedObject, ListInventory } from './inventory.ts';
import { keyPattern } from './keyPattern.ts';

const LANDSAT = '**/{id}/{id}_{band}.TIF';
const INVENTORY = { bands: ['red=SR_B4', 'nir=SR_B5'], time: '_%Y%m%d_', every: 24 };
const FEED: Feed = {
  name: 'archive',
  api: 's3://landsat/c2/',
  collection: LANDSAT,
  inventory: INVENTORY,
  area: null,
  maxCloud: null,
  since: '2026-10-01T00:00:00Z',
  hosts: [],
  status: 'follows',
};
const ID = 'LC08_L2SP_193023_20261019_20261025_02_T1';
const keyOf = (id: string, band: string) => `c2/2026/193/023/${id}/${id}_${band}.TIF`;
const object = (key: string, more: Partial<ListedObject> = {}): ListedObject => ({
  key,
  size: 5,
  etag: 'first',
  lastModified: '2026-10-20T00:00:00Z',
  ...more,
});
const both = (id: string, more: Partial<ListedObject> = {}) =>
  ['SR_B4', 'SR_B5'].map((band) => object(keyOf(id, band), more));

/** A stage that has the feed, and a bucket whose objects are listed in pages. */
async function stage(objects: () => readonly ListedObject[], feed: Feed = FEED, pageSize = 3) {
  const [models, inbox] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()];
  const asked: unknown[] = [];
  let now = new Date('2026-10-27T12:00:00Z');
  let sorted: ListedObject[] = [];
  const listInventory: ListInventory = async (at, cursor) => {
    asked.push(at);
    if (cursor === null) sorted = objects().toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const [from, to] = [Number(cursor), Number(cursor) + pageSize];
    return { objects: sorted.slice(from, to), cursor: to < sorted.length ? String(to) : null };
  };
  await feedsIn(memoryBucket(models)).put(feed);
  const look = (list: ListInventory | null = listInventory) =>
    lookAtFeed(feed.name, {
      modelBucket: memoryBucket(models),
      inbox: memoryBucket(inbox),
      inboxPrefix: '',
      ask: () => assert.fail('no API is asked'),
      listInventory: list ?? undefined,
      now: () => now,
    });
  const after = (hours: number) => {
    now = new Date(now.getTime() + hours * 3_600_000);
  };
  return { look, after, asked, inbox, items: () => [...inbox.values()].map((one) => JSON.parse(String(one))) };
}

describe('an inventory', () => {
  test('makes an Item of the objects of each scene, with its bands, time, place of the files and what its key says', async () => {
    const { look, items, inbox, asked } = await stage(() => [
      ...both(ID),
      object(keyOf(ID, 'ANG')),
      object('c2/readme.txt'),
    ]);
    assert.deepEqual((await look())?.count, { seen: 1, taken: 1, known: 0, leftOut: 0, refused: 0 });
    assert.match([...inbox.keys()][0]!, /^feeds\/archive\/2026-10-19\/LC08_L2SP_\w+\.[0-9a-f]{10}\.stac\.json$/);
    const [{ id, properties, assets, geometry }] = items();
    assert.deepEqual([id, properties.datetime, geometry], [ID, '2026-10-19T00:00:00.000Z', null]);
    const href = `s3://landsat/c2/2026/193/023/${ID}/${ID}_SR_B4.TIF`;
    assert.deepEqual(assets.red, { href, bands: [{ name: 'red' }], 'file:size': 5, etag: 'first' });
    assert.deepEqual(Object.keys(assets), ['red', 'nir']);
    assert.deepEqual(asked[0], { bucket: 'landsat', prefix: 'c2/' });
  });

  test('is listed once a day, or as often as it is asked to, and half an hour after a failure', async () => {
    const { look, after, asked } = await stage(() => both(ID));
    for (const [hours, calls] of [
      [0, 1],
      [23, 1],
      [1, 2],
    ] as const) {
      after(hours);
      await look();
      assert.equal(asked.length, calls);
    }
    after(24);
    assert.match((await look(async () => Promise.reject(new Error('down'))))!.error!, /down/);
    await look();
    assert.equal(asked.length, 2);
    after(0.5);
    await look();
    assert.equal(asked.length, 3);
  });

  test('takes a scene again when one of its objects changes, and not when its time alone does', async () => {
    let objects = both(ID);
    const { look, after, inbox } = await stage(() => objects);
    for (const [changed, scenes] of [
      [{}, 1],
      [{ lastModified: '2026-10-21T00:00:00Z' }, 1],
      [{ etag: 'second' }, 2],
      [{ etag: 'second', size: 6 }, 3],
    ] as const) {
      objects = [object(keyOf(ID, 'SR_B4'), changed), object(keyOf(ID, 'SR_B5'))];
      await look();
      after(24);
      assert.equal(inbox.size, scenes);
    }
  });

  test('waits for all bands of a scene, and for an hour without a change, and says so', async () => {
    let objects = both(ID).slice(1);
    const { look, after } = await stage(() => objects);
    for (const [next, why] of [
      [both(ID), /^“LC08_.*”: it waits for its SR_B4$/],
      [both(ID, { lastModified: '2026-10-29T11:30:00Z' }), undefined],
      [both(ID), /waits for an hour in which its files do not change/],
    ] as const) {
      const { count } = (await look())!;
      if (why === undefined) assert.equal(count?.taken, 1);
      else assert.match(count!.why!, why);
      objects = next;
      after(24);
    }
  });

  test('takes an object that has all bands as a scene, and leaves out what was acquired before the feed begins', async () => {
    const feed = { ...FEED, collection: '{id}.tif', inventory: { ...INVENTORY, bands: ['red', 'nir'] } };
    const { look, items } = await stage(
      () => [object('c2/a_20261019_x.tif'), object('c2/b_20260919_x.tif'), object('c2/c_20261399_x.tif')],
      feed,
    );
    assert.deepEqual((await look())?.count, { seen: 2, taken: 1, known: 0, leftOut: 1, refused: 0 });
    assert.deepEqual(items()[0].assets.data.bands, [{ name: 'red' }, { name: 'nir' }]);
  });

  test('holds no more scenes than those of two pages, and takes every one of many', async () => {
    const ids = Array.from({ length: 5000 }, (_, n) => ID.replace('193023', String(100000 + n)));
    const { look, inbox } = await stage(() => ids.flatMap((id) => both(id)), FEED, 1000);
    assert.equal((await look())?.count?.taken, 5000);
    assert.equal(new Set(inbox.keys()).size, 5000);
  });

  for (const [what, list, says] of [
    [
      'that never ends',
      async (_: unknown, cursor: string | null) => ({
        objects: [object(keyOf(`${ID}${String(cursor ?? 0).padStart(9, '0')}`, 'SR_B4'))],
        cursor: String(Number(cursor) + 1),
      }),
      new RegExp(`lists more than ${MAX_INVENTORY_OBJECTS} objects\\. Give the feed a longer prefix`),
    ],
    [
      'that repeats a page',
      async () => ({ objects: both(ID), cursor: 'again' }),
      /lists “.*” after “.*”, allowed are keys in their order, each once/,
    ],
    [
      'of which nothing fits',
      async () => ({ objects: [object('c2/other.tif')], cursor: null }),
      /found “c2\/other\.tif” and the like, of which nothing fits the pattern “.*” and the time _%Y%m%d_/,
    ],
  ] as const)
    test(`ends a look at a listing ${what} with a sentence`, async () => {
      const { look } = await stage(() => []);
      const { error } = (await look(list as ListInventory))!;
      assert.match(error!, says);
    });

  test('refuses a scene that has 100,000 objects, and takes the others', async () => {
    const many = Array.from({ length: 100_000 }, (_, n) =>
      object(`c2/${String(n).padStart(6, '0')}/x_20261019_/B.tif`),
    );
    const feed = { ...FEED, collection: '*/{id}/{band}.tif', inventory: { ...INVENTORY, bands: ['B'] } };
    const { look } = await stage(() => [...many, object('c2/z/y_20261019_/B.tif')], feed, 1000);
    const { count } = (await look())!;
    assert.deepEqual([count?.taken, count?.refused], [1, 1]);
    assert.match(count!.why!, /“x_20261019_”: found “c2\/000001\/.*” as well, allowed is one file of each band/);
  });

  test('needs a stage: a laptop lists no buckets', async () => {
    const { look } = await stage(() => []);
    assert.match((await look(null))!.error!, /^s3:\/\/landsat\/c2\/: a laptop lists no buckets/);
  });
});

describe('a pattern of keys', () => {
  for (const [collection, bands, time, says] of [
    ['{band}.tif', ['B'], '%Y%m%d', /found no \{id\} before \{band\}/],
    ['*.tif', ['B'], '%Y%m%d', /found no \{id\}, by which/],
    ['{band}/{id}.tif', ['B'], '%Y%m%d', /found no \{id\} before \{band\}/],
    ['{id}/{tile}.tif', ['B'], '%Y%m%d', /found \{tile\}, allowed are \{id\}, \{band\}, \* and \*\*/],
    ['{id}/{constructor}.tif', ['B'], '%Y%m%d', /found \{constructor\}/],
    ['{id}_{band}*.tif', ['B1'], '%Y%m%d', /found \* after \{band\}/],
    ['{id}_{band}.tif', [], '%Y%m%d', /found no bands/],
    ['{id}_{band}.tif', ['=B'], '%Y%m%d', /found no bands/],
    ['{id}_{band}.tif', ['B'], 'YYYYMMDD', /found the time “YYYYMMDD”, allowed is a part of a key/],
  ] as const)
    test(`${collection} of ${bands} at ${time} is refused with a sentence`, () => {
      const inventory = { bands: [...bands], time, every: 24 };
      assert.throws(() => keyPattern({ collection, inventory }, ''), { name: 'FeedFailed', message: says });
    });

  for (const [collection, key, expected] of [
    [LANDSAT, keyOf(ID, 'SR_B4').slice(3), { id: ID, band: 'SR_B4' }],
    [LANDSAT, keyOf(ID, 'SR_B4').slice(3).replace('/LC08', '/LC09'), null],
    ['{id}_{band}.tif', 'a_20261019_SR_B4_SR_B5.tif', { id: 'a_20261019_SR_B4', band: 'SR_B5' }],
    ['*/{id}.(x)/{band}.tif', 'b/a_20261019_.(x)/SR_B4.tif', { id: 'a_20261019_', band: 'SR_B4' }],
    ['{id}.{band}', 'a_20261019_xSR_B4', null],
    ['**/{id}_{band}.tif', 'a_20261019_SR_B4.tif', { id: 'a_20261019', band: 'SR_B4' }],
  ] as const)
    test(`${collection} ${expected ? 'reads' : 'does not fit'} ${key}`, () => {
      const found = keyPattern({ collection, inventory: INVENTORY }, 'p/')(`p/${key}`);
      assert.deepEqual(found, expected && { ...expected, time: '2026-10-19T00:00:00.000Z' });
    });
});
