import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { itemOf } from '../../test/benches/stacCatalogue.ts';
import { inboxBytes, inboxKey, parseFeedItem } from './feedItem.ts';

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

for (const [json, says] of [
  [null, /^the Item “null”: “Invalid input: [^”]*object[^”]*”, allowed are Items of STAC$/],
  [[1], /^the Item “\[1\]”: /],
  [{ type: 'Feature', stac_version: '1.0.0' }, /^the Item “{\\"type\\":\\"Feature\\",[^”]*”: “id: /],
] as const)
  test(`what is no Item is named by what it is: ${JSON.stringify(json)}`, () =>
    assert.throws(() => parseFeedItem(json), { message: says }));

for (const [links, base] of [
  [null, 'https://api.example.org/items'],
  ['x', 'https://api.example.org/items'],
  [[{ rel: 'self' }], 'https://api.example.org/items'],
  [[null, { rel: 'self', href: 'https://data.example.org/one/item.json' }], 'https://data.example.org/one/item.json'],
] as const)
  test(`an Item with the links ${JSON.stringify(links)} is at ${base}`, () => {
    const item = parseFeedItem(itemOf({ id: 'one', at: '2026-10-19T10:00:00Z', raw: { links } }));
    const written = JSON.parse(
      Buffer.from(inboxBytes(item, { area: null }, 'https://api.example.org/items')).toString(),
    );
    assert.deepEqual(written.links, [{ rel: 'self', href: base }]);
  });
