import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import createClient, { type Client } from 'openapi-fetch';
import type * as z from 'zod';
import type {
  modelBody,
  modelsBody,
  predictionsBody,
  problemBody,
  requestBody,
} from '../../core/doors/online/schemas.ts';
import { makeKeyCheck } from '../../server/keys.ts';
import type { PredictionServer } from '../../server/predictionServer.ts';
import { startBundledServer } from '../benches/bundledServer.ts';
import type { components, paths } from './generated.d.ts';

/** A client that a generator has made of the description alone, as anybody's would be: `npm run test:client`. */

const ROW = Array.from({ length: 36 }, (_, i) => 80 + (i % 4));

type Described = components['schemas'];
type Same<A, B> = [A, B] extends [B, A] ? true : never;
/** The compiler holds what was generated against what is answered. */
const same: [
  Same<Described['PredictionRequest'], z.input<typeof requestBody>>,
  Same<
    Described['Predictions']['predictions'][number]['error'],
    z.infer<typeof predictionsBody>['predictions'][number]['error']
  >,
  Same<keyof Described['Models']['models'][number], keyof z.infer<typeof modelsBody>['models'][number]>,
  Same<keyof Described['Model'], keyof z.infer<typeof modelBody>>,
  Same<Described['Problem']['detail'], z.infer<typeof problemBody>['detail']>,
] = [true, true, true, true, true];

describe('a generated client', () => {
  let server: PredictionServer;
  let client: Client<paths>;
  before(async () => {
    server = await startBundledServer({
      maxBodyBytes: 2 ** 20,
      maxImageBytes: 2 ** 20,
      check: makeKeyCheck('secret'),
      needsKey: true,
    });
    client = createClient<paths>({ baseUrl: server.url, headers: { 'x-api-key': 'secret' } });
  });
  after(() => server.close());

  test('predicts, and gets the error of an input', async () => {
    assert.ok(same.every(Boolean));
    const { data, error, response } = await client.POST('/v1/models/{model}/predictions', {
      params: { path: { model: 'landsat-statlog' }, query: { version: '1.0.0' } },
      body: {
        inputs: [
          { id: 'a', values: ROW },
          { id: 'b', values: [1] },
        ],
      },
    });
    assert.deepEqual([response.status, error], [200, undefined]);
    const [first, second] = data!.predictions;
    assert.deepEqual([first!.id, first!.error, typeof first!.class], ['a', null, 'string']);
    assert.match(second!.error!, /found a list of 1/);
  });

  test('finds the models', async () => {
    const { data } = await client.GET('/v1/models');
    assert.ok(data!.models.some(({ name, isLive }) => name === 'digits' && isLive));
    const { data: model } = await client.GET('/v1/models/{model}', { params: { path: { model: 'digits' } } });
    assert.deepEqual(model!.output.classes.length, 10);
  });

  test('gets an error for an unknown model', async () => {
    const { error, response } = await client.GET('/v1/models/{model}', { params: { path: { model: 'none' } } });
    assert.equal(response.status, 404);
    assert.match(error!.detail, /landsat-statlog/);
    const stranger = createClient<paths>({ baseUrl: server.url });
    assert.equal((await stranger.GET('/v1/models')).response.status, 401);
  });

  test('gets an error for an unknown parameter', async () => {
    const response = await fetch(`${server.url}/v1/models/digits?versoin=2`, { headers: { 'x-api-key': 'secret' } });
    assert.equal(response.status, 400);
    assert.match(
      ((await response.json()) as Described['Problem']).detail,
      /parameters “versoin”, allowed is one version/,
    );
  });
});
