import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hrefOf, type Route, routeOf } from './route.ts';

describe('addresses', () => {
  const ROUTES: [hash: string, route: Route][] = [
    ['#/', { page: 'overview', id: null, query: {} }],
    ['#/?days=7', { page: 'overview', id: null, query: { days: '7' } }],
    ['#/runs', { page: 'runs', id: null, query: {} }],
    ['#/runs/abc', { page: 'runs', id: 'abc', query: {} }],
    ['#/runs?state=FAILED&search=a+%26+b', { page: 'runs', id: null, query: { state: 'FAILED', search: 'a & b' } }],
    ['#/outbox/a%2Fb%3F', { page: 'outbox', id: 'a/b?', query: {} }],
  ];
  for (const [hash, route] of ROUTES)
    test(`${hash} names a page, and back`, () => {
      assert.deepEqual(routeOf(hash), route);
      assert.equal(hrefOf(route.page, route), hash);
    });

  test('without one, it is the overview', () => assert.equal(routeOf('')?.page, 'overview'));
  test('omit unset values', () => assert.equal(hrefOf('runs', { query: { state: '', page: '2' } }), '#/runs?page=2'));
  for (const hash of ['#/nothing', '#/runs/a/b', '#/runs/%E0%A4%A'])
    test(`${hash} names nothing`, () => assert.equal(routeOf(hash), null));
});
