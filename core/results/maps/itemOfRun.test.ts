import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Acquired } from '../../base/time/acquired.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { itemOfRun, relativeTo } from './itemOfRun.ts';

const FOLDER = new URL('../../../models/s2-scl/1.0.0/', import.meta.url);
const model = await readModelPackage(async (name) => readFileSync(new URL(name, FOLDER)));
const ref = { name: model.name, version: model.version };
const run = {
  id: 'a'.repeat(32),
  scene: { bucket: 'inbox', key: 'north/a.tif', versionId: 'v1' },
  model: ref,
  attempt: 1,
  execution: 'e',
  digest: 'd'.repeat(64),
  day: '2026-03-01',
};
const raster = { width: 64, height: 32, crs: 'EPSG:32633', transform: [10, 0, 5e5, 0, -10, 5e6] } as never;
const hrefOf = ({ bucket, key }: { bucket: string; key: string }) => `s3://${bucket}/${key}`;
const itemWith = (maps: readonly ('predictions' | 'probabilities')[]) =>
  JSON.parse(JSON.stringify(itemOfRun({ run, raster, parts: 2, model, maps, hrefOf })));

describe('the Item of a run', () => {
  test('links its scene, model, map, class names, and each part of its predictions', () => {
    const item = itemWith(['predictions']);
    const hrefs = JSON.stringify(item);
    for (const href of ['s3://inbox/north/a.tif', `s3://models/${ref.name}/${ref.version}/item.json`])
      assert.ok(hrefs.includes(`"${href}"`), href);
    assert.ok(hrefs.includes(`"${ref.name}"`) && hrefs.includes(`"${ref.version}"`));
    const assets = Object.values<{ href: string }>(item.assets).map(({ href }) => href);
    const leading = (ending: RegExp) => assets.filter((href) => ending.test(href)).length;
    assert.deepEqual([leading(/\.tif$/), leading(/\.aux\.xml$/), leading(/-0000[01]\.parquet$/)], [1, 1, 2]);
    assert.ok(assets.every((href) => href.startsWith('../') || href.startsWith('./') || href.startsWith('s3://')));
  });

  test('links a scene in the bucket where it lies', () => {
    const once = { ...run, scene: { ...run.scene, bucket: 'once' } };
    const { links } = itemOfRun({ run: once, raster, parts: 1, model, maps: [], hrefOf });
    assert.equal(links[0]!.href, 's3://once/north/a.tif');
  });

  const of = (acquired?: Acquired) =>
    itemOfRun({ run: { ...run, acquired }, raster, parts: 1, model, maps: [], hrefOf }).properties;
  const [at, until] = ['2018-01-06T15:33:21.000Z', '2018-01-31T00:00:00.000Z'];

  test('has the time at which the scene was acquired, and of an interval its start and end', () => {
    const { description, ...one } = of({ at, by: 'key' });
    assert.deepEqual([one.datetime, description], [at, undefined]);
    const { datetime, ...interval } = of({ at, until, by: 'STAC Item' });
    assert.equal(datetime, null);
    assert.partialDeepStrictEqual(interval, { start_datetime: at, end_datetime: until });
  });

  for (const unknown of [undefined, { at: null, by: 'key', found: '0001' }] as const)
    test(`says that it has the day of arrival where the time is ${unknown ? 'none' : 'not known'}`, () => {
      const { datetime, description } = of(unknown);
      assert.equal(datetime, '2026-03-01T00:00:00Z');
      assert.match(description!, /acquired is not known: datetime is the day on which its file arrived/);
    });

  test('links no map if none was drawn', () => {
    const hrefs = Object.values<{ href: string }>(itemWith([]).assets).map(({ href }) => href);
    assert.equal(hrefs.filter((href) => /\.(tif|xml)$/.test(href)).filter((href) => !href.startsWith('s3:')).length, 0);
  });
});

describe('one key as seen from another', () => {
  for (const [from, to, relative] of [
    ['items/a.json', 'items/b.json', './b.json'],
    ['a/b/c.json', 'a/d/e.tif', '../d/e.tif'],
    ['a/b/c.json', 'x/y.tif', '../../x/y.tif'],
    ['a.json', 'maps/b.tif', './maps/b.tif'],
  ] as const)
    test(`${to} from ${from} is ${relative}`, () => assert.equal(relativeTo(from, to), relative));
});
