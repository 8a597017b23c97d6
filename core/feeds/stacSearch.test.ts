import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_FEED_ITEMS } from '../base/limits.ts';
import type { Feed } from './feed.ts';
import { type AskApi, searchItems } from './stacSearch.ts';

const API = 'https://stac.example.org/v1';
const FEED: Feed = {
  name: 'north',
  api: API,
  collection: 'sentinel-2-l2a',
  area: null,
  maxCloud: 40,
  since: '2026-10-01T00:00:00Z',
  hosts: [],
  status: 'follows',
};
const TIME = [new Date('2026-10-01T00:00:00Z'), new Date('2026-10-04T00:00:00Z')] as const;
const FILTER = 'https://api.stacspec.org/v1.0.0/item-search#filter';

type Answer = (url: string, body?: Record<string, unknown>) => unknown;

/** All Items of a search, and the requests that it took. */
async function search(answer: Answer, feed = FEED) {
  const requests: [url: string, body?: Record<string, unknown>][] = [];
  const headers: unknown[] = [];
  const ask: AskApi = async (url, body, sent) => {
    headers.push(sent);
    requests.push(body === undefined ? [url] : [url, body as Record<string, unknown>]);
    return answer(url, body as Record<string, unknown>);
  };
  const items: unknown[] = [];
  for await (const page of searchItems(feed, TIME, ask)) items.push(...page.items);
  return { items, requests, headers };
}

const landing = (method = 'POST', conformsTo: string[] = []) => ({
  conformsTo,
  links: [{ rel: 'search', href: `${API}/search`, method }],
});
const page = (features: unknown[], next?: object) => ({ features, links: next ? [{ rel: 'next', ...next }] : [] });

describe('a search of a STAC API', () => {
  test('asks by POST for a collection, a time and an area', async () => {
    const area: Feed['area'] = {
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [10, 50],
            [11, 50],
            [11, 51],
            [10, 50],
          ],
        ],
      ],
    };
    const { requests } = await search((url) => (url === API ? landing() : page([])), { ...FEED, area });
    const asked = {
      collections: ['sentinel-2-l2a'],
      datetime: '2026-10-01T00:00:00Z/2026-10-04T00:00:00Z',
      limit: 100,
    };
    assert.deepEqual(requests, [[API], [`${API}/search`, { ...asked, intersects: area }]]);
  });

  test('asks by GET where the API has nothing else', async () => {
    const { requests } = await search((url) => (url === API ? landing('GET') : page([])));
    assert.equal(
      requests[1]![0].replace(`${API}/search?`, ''),
      new URLSearchParams({
        collections: 'sentinel-2-l2a',
        datetime: '2026-10-01T00:00:00Z/2026-10-04T00:00:00Z',
        limit: '100',
      }).toString(),
    );
  });

  test('leaves it to the API to filter clouds where it says that it can, and keeps Items that do not say theirs', async () => {
    const { requests } = await search((url) => (url === API ? landing('POST', [FILTER]) : page([])));
    const property = { property: 'eo:cloud_cover' };
    assert.deepEqual(requests[1]![1]!['filter'], {
      op: 'or',
      args: [
        { op: '<=', args: [property, 40] },
        { op: 'isNull', args: [property] },
      ],
    });
  });

  for (const [how, next, expected] of [
    ['a GET with a token', { href: `${API}/search?token=2` }, [`${API}/search?token=2`]],
    ['a relative address', { href: 'search?token=2' }, [`${API}/search?token=2`]],
    [
      'a POST with a body',
      { href: `${API}/search`, method: 'POST', body: { token: 2 } },
      [`${API}/search`, { token: 2 }],
    ],
  ] as const)
    test(`follows a next page that is ${how}`, async () => {
      let pages = 0;
      const { items, requests } = await search((url) => {
        if (url === API) return landing();
        pages += 1;
        return pages === 1 ? page([1, 2], next) : page([3]);
      });
      assert.deepEqual([items, requests[2]], [[1, 2, 3], expected]);
    });

  test('merges the body of a next page with the last one where the API asks for it', async () => {
    const next = { href: `${API}/search`, method: 'POST', body: { token: 2 }, merge: true };
    const { requests } = await search((url, body) =>
      url === API ? landing() : page([1], body!['token'] ? undefined : next),
    );
    assert.deepEqual(requests[2]![1], { ...requests[1]![1], token: 2 });
  });

  const tokens = Array(1000).keys();
  const REFUSED: [what: string, answer: Answer, says: RegExp][] = [
    ['is no API', () => 'hello', /stac\.example\.org: found “.*allowed is the landing page of a STAC API$/],
    ['has no links', () => ({ hello: 1 }), /found no link "search"/],
    ['has no search', () => ({ links: [] }), /found no link "search"/],
    [
      'answers no list',
      (url) => (url === API ? landing() : { links: [] }),
      /found “features: .*allowed is a list of Items/,
    ],
    [
      'repeats a page',
      (url) => (url === API ? landing() : page([1], { href: `${API}/search?token=1` })),
      /^stac\.example\.org repeats a page/,
    ],
    [
      'pages for ever',
      (url) =>
        url === API
          ? landing()
          : page(new Array(50_000).fill(1), { href: `${API}/search?token=${tokens.next().value}` }),
      new RegExp(`lists more than ${MAX_FEED_ITEMS} Items .*smaller area`),
    ],
    [
      'leads to another host',
      (url) => (url === API ? landing() : page([1], { href: 'http://169.254.169.254/latest' })),
      /found a link to “http:\/\/169\.254\.169\.254\/latest”, allowed are addresses of that host/,
    ],
    [
      'has its search elsewhere',
      () => ({ links: [{ rel: 'search', href: 'https://other.example.org/search' }] }),
      /found a link to “https:\/\/other/,
    ],
  ];
  for (const [what, answer, says] of REFUSED)
    test(`ends with a sentence where the API ${what}`, () =>
      assert.rejects(search(answer), { name: 'FeedFailed', message: says }));

  test('goes on after any number of pages without Items', async () => {
    const empty = Array.from({ length: 50 }, (_, i) => page([], { href: `${API}/search?token=${i}` }));
    const pages = [...empty, page([1])];
    assert.deepEqual((await search((url) => (url === API ? landing() : pages.shift()))).items, [1]);
  });

  test('has an end where an API has no Items on any of its pages, and never a last one', async () => {
    let asked = 0;
    const answer: Answer = (url) => {
      if (url === API) return landing();
      asked += 1;
      return page([], { href: `${API}/search?token=${asked}` });
    };
    await assert.rejects(search(answer), { name: 'FeedFailed', message: /an empty page counted as 100; allowed/ });
    assert.equal(asked, MAX_FEED_ITEMS / 100);
  });

  for (const [what, links, isFollowed] of [
    ['null', null, false],
    ['without an address', [{ rel: 'next' }], false],
    ['whose address is null', [{ rel: 'next', href: null }], false],
    ['that are texts, and one to the next page', ['x', null, { rel: 'next', href: 'search?token=2' }], true],
    [
      'of another kind that are malformed, and one to the next page',
      [
        { rel: 'self', href: 'x', method: 5, body: 'x' },
        { rel: 'next', href: 'search?token=2' },
      ],
      true,
    ],
    [
      'with members that are null',
      [{ rel: 'next', href: 'search?token=2', method: null, body: null, headers: null, merge: null }],
      true,
    ],
  ] as const)
    test(`${isFollowed ? 'follows' : 'takes for none'} links ${what}`, async () => {
      const pages: object[] = [{ features: [1], links }, page([2])];
      const { items } = await search((url) => (url === API ? landing() : pages.shift()));
      assert.deepEqual(items, isFollowed ? [1, 2] : [1]);
    });

  test('says so where the link to the next page is one that it cannot follow as it is meant', async () => {
    const next = page([1], { href: 'search?token=2', method: 'POST', body: 'token=2' });
    await assert.rejects(
      search((url) => (url === API ? landing() : next)),
      { message: /found “links\.0\.body: / },
    );
  });

  for (const [what, headers, expected] of [
    ['as it names them', { 'Search-After': 'abc', 'x-page': ['1', '2'] }, { 'search-after': 'abc', 'x-page': '1,2' }],
    [
      'but none that says who asks, or where, or how',
      {
        ...{ Host: 'a', AUTHORIZATION: 'a', cookie: 'a', 'Content-Length': '1', 'content-type': 'a', Accept: 'a' },
        ...{ 'Transfer-Encoding': 'a', connection: 'a', 'Proxy-Authorization': 'a', 'User-Agent': 'a', TE: 'a' },
        ...{
          'Metadata-Flavor': 'Google',
          'X-Aws-Ec2-Metadata-Token': 'a',
          'x-forwarded-host': 'a',
          'sec-fetch-mode': 'a',
        },
      },
      {},
    ],
    ['but none that is no header', { 'a b': 'x', '': 'x', 'x:y': 'x', a: 'x\r\nhost: y', b: 'ü' }, {}],
  ] as const)
    test(`sends the headers of a next page, ${what}`, async () => {
      const pages = [page([1], { href: 'search', headers }), page([2])];
      const { headers: sent } = await search((url) => (url === API ? landing() : pages.shift()));
      assert.deepEqual(sent, [undefined, {}, expected]);
    });

  test('merges the headers of a next page with the last ones where the API asks for it', async () => {
    const next = (headers: object) => ({ href: `${API}/search`, method: 'POST', headers, merge: true });
    const pages = [page([1], next({ key: 'k', at: '1' })), page([2], next({ at: '2' })), page([3])];
    const { headers } = await search((url) => (url === API ? landing() : pages.shift()));
    assert.deepEqual(headers.slice(2), [
      { key: 'k', at: '1' },
      { key: 'k', at: '2' },
    ]);
  });

  test('asks for the box around an area with longitudes beyond 180, which APIs do not take', async () => {
    const area: Feed['area'] = {
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [170, 0],
            [190, 0],
            [190, 5],
            [170, 0],
          ],
        ],
      ],
    };
    const { requests } = await search((url) => (url === API ? landing() : page([])), { ...FEED, area });
    assert.deepEqual([requests[1]![1]!['bbox'], requests[1]![1]!['intersects']], [[170, 0, -170, 5], undefined]);
  });

  test('follows links of an API that does not know that it is reached by https', async () => {
    const { requests } = await search((url) =>
      url === API ? { links: [{ rel: 'search', href: 'http://stac.example.org/find', method: 'POST' }] } : page([]),
    );
    assert.equal(requests[1]![0], 'https://stac.example.org/find');
  });
});
