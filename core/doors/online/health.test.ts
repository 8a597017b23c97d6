import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { healthRoute } from './health.ts';

const MODEL = { name: 'digits', version: '1.0.0' };
const request = { method: 'GET', path: '/healthz', headers: {}, query: {}, body: new Uint8Array() } as never;

function routeOf(predictor: () => Promise<never>, live = [MODEL]) {
  return healthRoute({ models: { live: async () => live, sampleOf: async () => null }, predictor, seconds: 1 });
}
const told = async (route: ReturnType<typeof routeOf>) => {
  const { status, body } = await route.reply(request);
  return [status, JSON.parse(String(body))];
};

describe('the health of a server', () => {
  test('passes with a live model that loads', async () => {
    const route = routeOf(async () => ({ model: {} }) as never);
    assert.deepEqual(await told(route), [200, { status: 'pass', model: MODEL, output: null }]);
  });

  for (const { what, route, model, output } of [
    {
      what: 'without a live model',
      route: () => routeOf(() => assert.fail(), []),
      model: null,
      output: 'No model is live.',
    },
    {
      what: 'with one that does not load',
      route: () => routeOf(() => Promise.reject(new Error('half a file'))),
      model: MODEL,
      output: 'half a file',
    },
  ])
    test(`fails ${what}, with 503 and the reason`, async () => {
      assert.deepEqual(await told(route()), [503, { status: 'fail', model, output }]);
    });

  test('is told of the last check while the next one takes long', async () => {
    let load: () => Promise<never> = async () => ({ model: {} }) as never;
    const route = routeOf(() => load());
    await route.reply(request);
    load = () => new Promise(() => {});
    assert.equal((await route.reply(request)).status, 200);
  });
});
