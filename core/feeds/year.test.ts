import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { memoryBucket } from '../../test/benches/memoryBucket.ts';
import { type Catalogued, catalogue } from '../../test/benches/stacCatalogue.ts';
import type { ReplaceVersion } from '../base/objectStore.ts';
import { DAY_MILLISECONDS, dayOf } from '../base/time/days.ts';
import { type Feed, FeedFailed, feedsIn } from './feed.ts';
import { type FollowFeedsPorts, lookAtFeed, takeItems } from './followFeed.ts';
import type { ListedObject } from './inventory.ts';

/**
 * A year of a catalogue that does what real ones do: Items appear hours or days after they were acquired, in another order, some are
 * listed twice, a third is missing from the search for a day, and some are revised. It is down at times, and whoever looks is killed
 * before or after a write. FEED_YEAR_ITEMS=100000 takes minutes.
 */
const ITEMS = Number(process.env['FEED_YEAR_ITEMS'] ?? 500);
const [BEGIN, DAYS] = [Date.parse('2026-01-01T00:00:00Z'), 365];
const LOOKS_A_DAY = 3;
const FEED: Feed = {
  name: 'year',
  api: 'https://stac.example.org/v1',
  collection: 'sentinel-2-l2a',
  area: null,
  maxCloud: null,
  since: new Date(BEGIN).toISOString(),
  hosts: [],
  status: 'follows',
};

type Told = { item: Catalogued; from: number; until: number; hidden: number };

/** What the catalogue lists when: each version of each Item, from its appearance to its revision, but for the day on which it is hidden. */
function yearOf(draw: () => number): Told[] {
  return Array.from({ length: ITEMS }, (_, n): Told[] => {
    const acquired = BEGIN + draw() * DAYS * DAY_MILLISECONDS;
    const appears =
      acquired - Math.log(1 - draw()) * 0.4 * DAY_MILLISECONDS + (draw() < 0.02 ? 12 * DAY_MILLISECONDS : 0);
    const revised = draw() < 0.05 ? appears + draw() * 14 * DAY_MILLISECONDS : Number.POSITIVE_INFINITY;
    const hidden = draw() < 1 / 3 ? appears + draw() * DAY_MILLISECONDS : Number.POSITIVE_INFINITY;
    const version = (from: number, until: number): Told => {
      const updated = new Date(from).toISOString();
      return { item: { id: `S2_${n}`, at: new Date(acquired).toISOString(), updated }, from, until, hidden };
    };
    return revised < Infinity ? [version(appears, revised), version(revised, Infinity)] : [version(appears, Infinity)];
  }).flat();
}

class Killed extends Error {}

type Look = (ports: FollowFeedsPorts, last: number) => Promise<unknown>;

/** The same as an inventory: files of two bands, of which the second comes six hours later; a revision is another entity tag. */
const ARCHIVE: Feed = {
  ...FEED,
  api: 's3://archive/',
  collection: '*/{id}/{band}.tif',
  inventory: { bands: ['B02', 'B03'], time: '%Y%m%d', every: 24 },
};
const objectsOf = ({ id, at, updated }: Catalogued, now: number): ListedObject[] => {
  const from = Date.parse(updated!);
  const isWhole = now >= from + 6 * 3_600_000;
  return (isWhole ? ['B02', 'B03'] : ['B02']).map((band) => ({
    key: `${at.slice(0, 10).replaceAll('-', '')}/${id}/${band}.tif`,
    etag: updated!,
    lastModified: new Date(band === 'B02' ? from : from + 6 * 3_600_000).toISOString(),
  }));
};

/** Looks at the year, and returns how many Items were missed in their last version, and how many versions were put twice. */
async function live(seed: number, look: Look, seenOf = (item: Catalogued) => item, feed = FEED) {
  const draw = sfc32(seed, 1, 1);
  const told = yearOf(draw).sort(() => draw() - 0.5);
  const byDay = Map.groupBy(told, ({ item }) => item.at.slice(0, 10));
  let now = BEGIN;
  const listed = () => {
    const days = Array.from({ length: 45 }, (_, n) => dayOf(now - n * DAY_MILLISECONDS));
    const there = days
      .flatMap((day) => byDay.get(day) ?? [])
      .filter(
        ({ from, until, hidden }) => from <= now && now < until && !(hidden <= now && now < hidden + DAY_MILLISECONDS),
      );
    const items = there.map(({ item }) => seenOf(item));
    return [...items, ...items.slice(0, 3)];
  };
  let near: Catalogued[] = [];
  let sorted: ListedObject[] = [];
  const api = catalogue(() => near, 1000);
  const folders = new Map<string, Map<string, Uint8Array>>();
  const replaceVersion: ReplaceVersion = async (key, bytes) => {
    if (draw() < 0.002) throw new Killed();
    const folder = key.slice(0, key.lastIndexOf('/') + 1);
    const objects = folders.get(folder) ?? new Map<string, Uint8Array>();
    folders.set(folder, objects);
    if (objects.has(key)) return null;
    objects.set(key, bytes);
    if (draw() < 0.002) throw new Killed();
    return '1';
  };
  const ports: FollowFeedsPorts = {
    modelBucket: memoryBucket(new Map()),
    inbox: { list: async (folder) => [...(folders.get(folder)?.keys() ?? [])], replaceVersion },
    inboxPrefix: '',
    ask: async (url, body) => {
      if (draw() < 0.02) throw new FeedFailed('stac.example.org answers 503, 4 times.');
      return api.ask(url, body);
    },
    listInventory: async (_, cursor) => {
      if (draw() < 0.02) throw new FeedFailed('archive cannot be listed.');
      if (cursor === null) {
        const all = new Map(near.flatMap((item) => objectsOf(item, now)).map((one) => [one.key, one]));
        sorted = [...all.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
      }
      const [from, to] = [Number(cursor), Number(cursor) + 7];
      return { objects: sorted.slice(from, to), cursor: to < sorted.length ? String(to) : null };
    },
    now: () => new Date(now),
  };
  await feedsIn(ports.modelBucket).put(feed);
  let last = BEGIN;
  for (let step = 1; step <= (DAYS + 35) * LOOKS_A_DAY; step += 1) {
    const day = step / LOOKS_A_DAY;
    if (day > 100 && day < 103) continue; // nobody looks for three days
    now = BEGIN + day * DAY_MILLISECONDS;
    near = listed();
    await look(ports, last).then(
      () => {
        last = now;
      },
      (error) => assert.ok(error instanceof Killed || error instanceof FeedFailed, error),
    );
  }
  const versions = [...folders.values()]
    .flatMap((objects) => [...objects.values()])
    .map((bytes) => {
      const { id, properties, assets } = JSON.parse(Buffer.from(bytes).toString());
      return `${id} ${properties.updated ?? assets.B03?.etag}`;
    });
  const taken = new Set(versions);
  const isMissed = ({ item, until }: Told) => until === Infinity && !taken.has(`${item.id} ${item.updated}`);
  return { missed: told.filter(isMissed).length, twice: versions.length - taken.size };
}

const follow: Look = (ports) => lookAtFeed('year', ports);

describe(`a year of ${ITEMS} Items, with kills and a catalogue that loses, repeats and revises them`, () => {
  for (const seed of [1, 2])
    test(`misses none and takes none twice (seed ${seed})`, async () => {
      assert.deepEqual(await live(seed, follow), { missed: 0, twice: 0 });
    });

  test('misses none and takes none twice of an inventory, whose scenes are not there at once', async () => {
    assert.deepEqual(await live(1, follow, undefined, ARCHIVE), { missed: 0, twice: 0 });
  });

  test('misses some where a watermark of time stands in the place of the overlap: the check finds that', async () => {
    const watermark: Look = (ports, last) => takeItems(FEED, [new Date(last), ports.now()], ports);
    assert.ok((await live(1, watermark)).missed > ITEMS / 10);
  });

  test('misses revisions where an Item is known by its id alone: the check finds that', async () => {
    const { missed } = await live(1, follow, ({ updated: _, ...item }) => item);
    assert.ok(missed > ITEMS / 100);
  });
});
