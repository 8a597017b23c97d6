import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { itemOf } from '../../test/benches/stacCatalogue.ts';
import { acquiredAt, inboxBytes, inboxKey, parseFeedItem } from './feedItem.ts';

const [RED, NIR] = [{ href: 'https://data.example.org/r.tif' }, { href: 'https://data.example.org/n.tif', etag: 'a' }];

describe('the key of an Item in the inbox', () => {
  const keyOf = (updated: string | undefined, assets: object = { RED, NIR }) => {
    const item = itemOf({ id: 'one', at: '2026-10-19T10:00:00Z', raw: { assets } }) as { properties: object };
    return inboxKey(parseFeedItem({ ...item, properties: { ...item.properties, updated } }), 'north', '');
  };
  const Z = '2026-11-26T10:00:00Z';
  const CHANGES: [what: string, one: Parameters<typeof keyOf>, other: Parameters<typeof keyOf>, isSame: boolean][] = [
    ['the order of its assets', [undefined, { RED, NIR }], [undefined, { NIR, RED }], true],
    ['another address', [undefined, { RED, NIR }], [undefined, { RED: NIR, NIR: RED }], false],
    ['the milliseconds of updated', [Z], ['2026-11-26T10:00:00.000Z'], true],
    ['the zone of updated', [Z], ['2026-11-26T10:00:00+00:00'], true],
    ['the same instant in another zone', [Z], ['2026-11-26T12:00:00+02:00'], true],
    ['a later updated', [Z], ['2026-11-26T10:00:01Z'], false],
    ['an updated that is no time', ['yesterday'], ['today'], false],
  ];
  for (const [what, one, other, isSame] of CHANGES)
    test(`${isSame ? 'does not change' : 'changes'} with ${what}`, () =>
      assert.equal(keyOf(...one) === keyOf(...other), isSame));
});

describe('an Item was acquired, on a machine of any zone,', () => {
  const zone = process.env['TZ'];
  const setZone = (to: string | undefined) => {
    if (to === undefined) delete process.env['TZ'];
    else process.env['TZ'] = to;
  };
  const timesOf = (datetime: string | null) => {
    const properties = { datetime, start_datetime: '2026-11-01T22:30:00' };
    const item = parseFeedItem({
      type: 'Feature',
      stac_version: '1.0.0',
      id: 'one',
      properties,
      assets: {},
      links: [],
    });
    return ['UTC', 'America/New_York', 'Asia/Tokyo'].map((one) => {
      setZone(one);
      return [acquiredAt(item)?.toISOString(), inboxKey(item, 'north', '').split('/')[2]];
    });
  };
  after(() => setZone(zone));

  for (const [datetime, time] of [
    ['2026-11-28T22:30:00', '2026-11-28T22:30:00.000Z'],
    ['2026-11-28 22:30:00', '2026-11-28T22:30:00.000Z'],
    ['20261128T223000Z', '2026-11-28T22:30:00.000Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z'],
    ['2026-11-28T22:30:00-05:00', '2026-11-29T03:30:00.000Z'],
    ['2026-11-28', '2026-11-28T00:00:00.000Z'],
    [null, '2026-11-01T22:30:00.000Z'],
  ] as const)
    test(`at ${time}, if its datetime is ${datetime}`, () =>
      assert.deepEqual(timesOf(datetime), Array(3).fill([time, time.slice(0, 10)])));

  test('at no known time, if its datetime is none', () =>
    assert.deepEqual(timesOf('Nov 2026'), Array(3).fill([undefined, 'undated'])));
});

for (const [json, says] of [
  [null, /^the Item “null”: “Invalid input: [^”]*object[^”]*”, allowed are Items of STAC$/],
  [[1], /^the Item “\[1\]”: /],
  [{ type: 'Feature', stac_version: '1.0.0' }, /^the Item “{\\"type\\":\\"Feature\\",[^”]*”: “id: /],
] as const)
  test(`what is no Item is named by what it is: ${JSON.stringify(json)}`, () =>
    assert.throws(() => parseFeedItem(json), { message: says }));

test('what is nested too deep to be shown is no Item either', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  for (const json of [deep, { id: deep }])
    assert.throws(() => parseFeedItem(json), { message: /^the Item “.+”: “.+”, allowed are Items of STAC$/ });
});

const writtenFrom = (page: string, links: unknown, assets: object = { RED }) => {
  const item = parseFeedItem(itemOf({ id: 'one', at: '2026-10-19T10:00:00Z', raw: { links, assets } }));
  return JSON.parse(Buffer.from(inboxBytes(item, { area: null }, page)).toString());
};

const PAGE = 'https://api.example.org/items?datetime=2026-11-21/2026-11-28&token=7';
const ITEM = 'https://data.example.org/one/item.json';
const NO_ADDRESS: unknown[] = [null, 'x', [], [{ rel: 'self' }], [{ rel: 'self', href: 'https://:x' }]];
for (const links of NO_ADDRESS)
  test(`an Item with the links ${JSON.stringify(links)} has the same bytes from each page, and relative addresses lead from the page`, () => {
    const [one, other] = [PAGE, PAGE.replaceAll('-2', '-1')].map((page) => writtenFrom(page, links));
    assert.deepEqual(one, other);
    assert.deepEqual(one.links, []);
    const { assets } = writtenFrom(PAGE, links, { RED: { href: './one/r.tif' } });
    assert.equal(assets.RED.href, 'https://api.example.org/one/r.tif');
  });

for (const [href, address] of [
  [ITEM, ITEM],
  ['one/item.json', 'https://api.example.org/one/item.json'],
])
  test(`an Item at ${href} keeps its address, from which relative ones lead`, () => {
    const redAt = (href: string) => {
      const alternate = { web: { href, title: 'red' }, s3: { href: 's3://data/r.tif' }, none: null, name: 'a' };
      return { RED: { href, alternate }, NIR: { href } };
    };
    const { links, assets } = writtenFrom(PAGE, [null, { rel: 'self', href }], redAt('./r.tif'));
    assert.deepEqual(links, [{ rel: 'self', href: address }]);
    assert.deepEqual(assets, redAt(address!.replace('item.json', 'r.tif')));
  });
