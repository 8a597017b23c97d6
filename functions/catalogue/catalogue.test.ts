import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { modelsIn } from '../../cli/laptop/serve.ts';
import { InvalidModelPackage } from '../../core/base/errors.ts';
import { logTo } from '../../core/base/step.ts';
import { catalogueStep } from './catalogue.ts';

const models = await modelsIn(fileURLToPath(new URL('../../models', import.meta.url)));

describe('the function catalogue', () => {
  let lines: Record<string, unknown>[] = [];
  beforeEach(() => {
    lines = [];
    logTo((line) => lines.push(JSON.parse(line)));
  });
  afterEach(() => logTo((line) => process.stdout.write(line)));
  const get = (path: string, answer = catalogueStep(models)) =>
    answer({ method: 'GET', path, query: new URLSearchParams(), headers: {}, body: new Uint8Array() });

  test('lists the live models, and describes one with its versions and its STAC Item', async () => {
    const { models: live } = JSON.parse(String((await get('/v1/models')).body));
    assert.ok(live.some(({ name }: { name: string }) => name === 'digits'));
    const one = JSON.parse(String((await get('/v1/models/digits')).body));
    assert.deepEqual([one.name, one.versions, one.item.type], ['digits', ['1.0.0'], 'Feature']);
    assert.partialDeepStrictEqual(lines[1], { event: 'catalogue.answered', status: 200, model: 'digits' });
  });

  test('lists the others where the package of one cannot be read; where none can, it is a fault', async () => {
    const load: typeof models.models.load = async (ref) => {
      if (ref.name === 'digits') throw new InvalidModelPackage('item.json: found no JSON');
      return models.models.load(ref);
    };
    const broken = { ...models, models: { ...models.models, load } };
    const { status, body } = await get('/v1/models', catalogueStep(broken));
    const names = JSON.parse(String(body)).models.map(({ name }: { name: string }) => name);
    assert.equal(status, 200);
    assert.deepEqual([names.includes('digits'), names.includes('landsat-statlog')], [false, true]);
    const { live } = await models.models.serving();
    const serving = async () => ({ live: live.filter(({ model }) => model.name === 'digits'), waiting: [] });
    const alone = { ...broken, models: { ...broken.models, serving } };
    assert.equal((await get('/v1/models', catalogueStep(alone))).status, 500);
    assert.equal(lines.at(-1)!['error'], 'InvalidModelPackage: item.json: found no JSON');
  });

  test('describes how it is asked: with a key', async () => {
    const { components, paths } = JSON.parse(String((await get('/openapi.json')).body));
    assert.deepEqual(components.securitySchemes.apiKey, { type: 'apiKey', in: 'header', name: 'x-api-key' });
    assert.ok('403' in paths['/v1/models'].get.responses);
  });

  test('lists what exists if asked for something unknown, and logs the failure', async () => {
    const { status, body } = await get('/v1/models/none');
    assert.equal(status, 404);
    assert.match(String(body), /There is no model .*Live are: /);
    const failing = { ...models, models: { ...models.models, serving: () => Promise.reject(new Error('S3 is away')) } };
    const failed = await get('/v1/models', catalogueStep(failing));
    assert.equal(failed.status, 500);
    assert.doesNotMatch(String(failed.body), /S3/);
    assert.equal(lines.at(-1)!['error'], 'Error: S3 is away');
  });
});
