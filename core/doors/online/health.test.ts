import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastDigit } from '../../../test/engines/lastDigit.ts';
import type { Outcome } from './batcher.ts';
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

  for (const [what, route, model, output] of [
    ['without a live model', () => routeOf(() => assert.fail(), []), null, 'No model is live.'],
    [
      'with a live model that does not load',
      () => routeOf(() => Promise.reject(new Error('half a file'))),
      MODEL,
      'half a file',
    ],
  ] as const)
    test(`fails ${what}, with 503 and the reason`, async () => {
      assert.deepEqual(await told(route()), [503, { status: 'fail', model, output }]);
    });

  test('is that of the last check while the next one takes long', async () => {
    let load: () => Promise<never> = async () => ({ model: {} }) as never;
    const route = routeOf(() => load());
    await route.reply(request);
    load = () => new Promise(() => {});
    assert.equal((await route.reply(request)).status, 200);
  });

  describe('with a sample', () => {
    const sample = { input: { values: [[[7]]] }, prediction: { class: 'c7', label: 7 } };
    const chances = Object.fromEntries(lastDigit.classes.map((_, i) => [`p_${i}`, [i === 7 ? 1 : 0]]));
    const predicted = { values: { label: [7], class: ['c7'], probability: [1], ...chances }, at: 0, planes: null };

    function routeWith(outcome: Outcome, prediction: object) {
      const asked: unknown[] = [];
      const predictChips = async (...of: unknown[]) => {
        asked.push(of);
        return [outcome];
      };
      const models = { live: async () => [MODEL], sampleOf: async () => ({ ...sample, prediction }) };
      const predictor = async () => ({ model: lastDigit, predictChips }) as never;
      return { asked, route: healthRoute({ models: models as never, predictor, seconds: 3 }) };
    }

    test('passes where the model predicts for it what it should', async () => {
      const { class: name, label, probability } = { class: 'c7', label: 7, probability: 1 };
      const probabilities = Object.fromEntries(lastDigit.classes.map((one, i) => [one.name, i === 7 ? 1 : 0]));
      const { asked, route } = routeWith(predicted, { class: name, label, probability, probabilities });
      assert.deepEqual(await told(route), [200, { status: 'pass', model: MODEL, output: null }]);
      assert.partialDeepStrictEqual(asked, [[[{ planes: [Uint16Array.of(7)] }], 3]]);
    });

    test('fails where it predicts something else, or fails on it', async () => {
      const other = await told(routeWith(predicted, { class: 'c8' }).route);
      assert.deepEqual([other[0], other[1].output], [503, 'prediction.class: found "c7", stored is "c8"']);
      const failed = await told(routeWith({ error: new Error('no memory') }, sample.prediction).route);
      assert.deepEqual([failed[0], failed[1].output], [503, 'The model failed on the sample: no memory']);
    });
  });

  test('is an error where nobody can say what is live, and is checked anew by the next who asks', async () => {
    let live = async () => [MODEL];
    const models = { live: () => live(), sampleOf: async () => null };
    const route = healthRoute({ models, predictor: async () => ({ model: {} }) as never, seconds: 1 });
    live = () => Promise.reject(new Error('no bucket'));
    await assert.rejects(async () => route.reply(request), /no bucket/);
    live = async () => [MODEL];
    assert.equal((await route.reply(request)).status, 200);
    live = () => Promise.reject(new Error('no bucket'));
    await assert.rejects(async () => route.reply(request), /no bucket/);
    live = () => new Promise(() => {});
    const late = Promise.race([route.reply(request), new Promise((resolve) => setTimeout(resolve, 100))]);
    assert.equal(await late, undefined, 'what was found before the error is not told any more');
  });

  test('is checked once for all who ask together', async () => {
    let checks = 0;
    const route = routeOf(async () => {
      checks += 1;
      return { model: {} } as never;
    });
    await Promise.all([route.reply(request), route.reply(request)]);
    assert.equal(checks, 1);
    await route.reply(request);
    assert.equal(checks, 2);
  });
});
