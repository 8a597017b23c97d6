import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  APIGatewayClient,
  GetApiKeyCommand,
  GetUsagePlansCommand,
  UpdateUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import type { PredictionsBody } from '../../core/doors/online/answer.ts';
import sample from '../../models/digits/1.0.0/sample.json' with { type: 'json' };
import { bandsOf, frames, sceneOf } from '../scenes.ts';
import { jsonLines } from '../swath.ts';
import type { Requested } from './requests.ts';
import type { Package } from './subject.ts';

/** An origin whose pages may ask. */
export const PAGE = 'https://maps.example.org';

const DIGITS = new URL('../../models/digits/1.0.0/', import.meta.url);
const digits: Package = Object.fromEntries(
  readdirSync(DIGITS).map((name) => [name, readFileSync(new URL(name, DIGITS))]),
);
/** So long until they are counted: a minute in which they are gathered, and a batch. */
const COUNTED_SECONDS = 180;
const LOOK_MILLISECONDS = 5000; // a look is a process

type Listed = { door: string; state: string; model: { name: string }; chips: number };

/** Predictions over HTTP by a deployed stage, asked as anybody would. */
export function online(at: () => Requested): void {
  describe('predictions over HTTP', () => {
    let key = '';
    /** How many predictions are to be counted, by their models. */
    const given = new Map<string, number>();
    const gave = (model: string, inputs: number) => given.set(model, (given.get(model) ?? 0) + inputs);
    before(async () => {
      const { account, output } = at().stage;
      const gateway = new APIGatewayClient(account);
      const found = await gateway.send(new GetApiKeyCommand({ apiKey: output('ApiKeyId'), includeValue: true }));
      gateway.destroy();
      key = found.value!;
    });

    type Throttle = { rateLimit: string; burstLimit: string };
    /** Has the key's plan allow so much, until what it answers is called. */
    async function limit(throttle: Throttle): Promise<() => Promise<void>> {
      const { account, output } = at().stage;
      const gateway = new APIGatewayClient(account);
      const { items = [] } = await gateway.send(new GetUsagePlansCommand({ keyId: output('ApiKeyId') }));
      const [plan] = items;
      const set = (to: Throttle) =>
        gateway.send(
          new UpdateUsagePlanCommand({
            usagePlanId: plan!.id!,
            patchOperations: Object.entries(to).map(([name, value]) => ({
              op: 'replace',
              path: `/throttle/${name}`,
              value,
            })),
          }),
        );
      const { rateLimit, burstLimit } = plan!.throttle!;
      await set(throttle);
      return async () => {
        await set({ rateLimit: String(rateLimit), burstLimit: String(burstLimit) });
        gateway.destroy();
      };
    }

    /** Where a stand-in has what in an account is at the output ApiUrl. */
    function addressOf(path: string): string {
      const { account, name, output } = at().stage;
      const [id] = new URL(output('ApiUrl')).hostname.split('.');
      return `${account.endpoint}/restapis/${id}/${name}/_user_request_${path}`;
    }
    const ask = (path: string, { headers = {}, ...init }: RequestInit = {}) =>
      fetch(addressOf(path), { ...init, headers: { 'x-api-key': key, ...headers } });
    const predict = (model: string, body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
      ask(`/v1/models/${model}/predictions`, { method: 'POST', headers: { 'content-type': type }, body });
    /** What the gateway itself has refused. */
    async function refusalOf(response: Response, status: number): Promise<string> {
      assert.equal(response.status, status);
      return (await problemOf(response)).detail;
    }
    async function problemOf(response: Response): Promise<{ status: number; detail: string }> {
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      const problem = (await response.json()) as { status: number; detail: string };
      assert.equal(problem.status, response.status);
      return problem;
    }

    test('are for those who have a key; whether it is up, and how to ask, is for all', async () => {
      for (const headers of [{}, { 'x-api-key': 'another-key-of-twenty-letters' }]) {
        const response = await fetch(addressOf('/v1/models'), { headers });
        assert.match(await refusalOf(response, 403), /^The header x-api-key is missing, or/);
      }
      for (const path of ['/healthz', '/openapi.json', '/docs'])
        assert.equal((await fetch(addressOf(path))).status, 200);
      const health = (await (await fetch(addressOf('/healthz'))).json()) as { status: string };
      assert.equal(health.status, 'pass');
    });

    test('equal the predictions for the same chips in a file', async () => {
      const { run, predictionsOf, unique } = at().subject;
      const of = frames.slice(0, 6);
      const [{ rows } = { rows: [] }] = await predictionsOf(
        await run('over-http', sceneOf(unique('http'), of.length, 0, of)),
      );
      assert.ok(rows.length > 2);
      const inputs = [...of.map((frame) => ({ bands: bandsOf(frame) })), { bands: {} }];
      const response = await predict(at().subject.stack.parameters.modelName, JSON.stringify({ inputs }));
      assert.equal(response.status, 200);
      const { predictions } = (await response.json()) as PredictionsBody;
      for (const { index, class: name, probability } of rows) {
        const found = predictions[index]!;
        assert.equal(found['class'], name);
        assert.ok(Math.abs(Number(found['probability']) - Number(probability)) <= 1e-6);
      }
      gave(at().subject.stack.parameters.modelName, of.length);
      assert.match(String(predictions.at(-1)!.error), /^inputs\[6\]\.bands: found none, but not /);
    });

    test('may be asked for with an image as it is', async () => {
      await at().subject.beside(digits, ['never/*'], async ({ name, version }) => {
        const response = await predict(name, Buffer.from(sample.input.image, 'base64'), 'image/png');
        assert.equal(response.status, 200);
        const { predictions, ...about } = (await response.json()) as PredictionsBody;
        assert.deepEqual([about.model, about.version], [name, version]);
        assert.equal(predictions[0]!['class'], sample.prediction.class);
        gave(name, 1);
        const one = await (await ask(`/v1/models/${name}`)).json();
        assert.ok((one as { versions: string[] }).versions.includes(version)); // others of that name may be of other tests
      });
    });

    test('of an unknown model, or at another address, are refused with what exists', async () => {
      const unknown = await problemOf(await predict('none', '{"inputs": [{}]}'));
      assert.equal(unknown.status, 404);
      assert.match(unknown.detail, /^There is no model “none”\. Live are: /);
      for (const [path, method] of [
        ['/v2/models', 'GET'],
        ['/v1/models', 'DELETE'],
      ] as const) {
        assert.match(
          await refusalOf(await ask(path, { method }), 404),
          /There is: GET \/v1\/models, .*POST \/v1\/models\/\{model\}\/predictions/,
        );
      }
    });

    test('may be asked for by pages of the named origin, and by no others', async () => {
      const preflight = (origin: string) =>
        fetch(addressOf('/v1/models'), {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'GET' },
        });
      const allowed = 'access-control-allow-origin';
      assert.equal((await preflight(PAGE)).headers.get(allowed), PAGE);
      assert.notEqual(
        (await preflight('https://elsewhere.example.org')).headers.get(allowed),
        'https://elsewhere.example.org',
      );
      assert.equal((await ask('/v1/models', { headers: { origin: PAGE } })).headers.get(allowed), PAGE);
      assert.equal(
        (await ask('/v1/models', { headers: { origin: 'https://elsewhere.example.org' } })).headers.get(allowed),
        null,
      );
    });

    test('count once, like those for files, by their own door', async () => {
      const { stage, swath } = at();
      const counted = async () => {
        const listed = await swath('runs', '--stage', stage.name, '--json', '--limit', '500');
        assert.equal(listed.code, 0, listed.stderr);
        const online = jsonLines<Listed>(listed).filter(({ door }) => door === 'http');
        assert.deepEqual(
          online.filter(({ state }) => state === 'FAILED' || state === 'INVALID'),
          [],
        );
        return online
          .filter(({ state }) => state === 'DONE')
          .map(({ model, chips }): [string, number] => [model.name, chips])
          .sort();
      };
      const until = performance.now() + COUNTED_SECONDS * 1000;
      while ((await counted()).length < given.size && performance.now() < until) await pause(LOOK_MILLISECONDS);
      assert.deepEqual(await counted(), [...given].sort());
    });

    test('are refused with 429 where there are too many at once', async () => {
      // Whatever the machine, so few a second are too many; how many the stage allows stands in its template.
      const restore = await limit({ rateLimit: '0.01', burstLimit: '1' });
      const all = await Promise.all(Array.from({ length: 5 }, () => ask('/v1/models'))).finally(restore);
      const refused = all.filter(({ status }) => status === 429);
      assert.ok(refused.length >= 4, `of five, ${refused.length} were refused`);
      assert.match((await problemOf(refused[0]!)).detail, /^There are too many requests at the moment\./);
      assert.equal(refused[0]!.headers.get('retry-after'), '1');
    });
  });
}
