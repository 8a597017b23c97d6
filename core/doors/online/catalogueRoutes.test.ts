import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvalidModelPackage, ObjectNotFound } from '../../base/errors.ts';
import type { ModelRef } from '../../base/messages.ts';
import { makeAnswer } from './answer.ts';
import { catalogueRoutes } from './catalogueRoutes.ts';

/** Asks for the list of models, of which some cannot be described. */
async function listOf(broken: Record<string, Error>, names = ['digits', 'wheat']) {
  const models = {
    live: async () => names.map((name) => ({ name, version: '1.0.0' })),
    describe: async ({ name, version }: ModelRef) => {
      if (broken[name] !== undefined) throw broken[name];
      return { name, version, item: { type: 'Feature' } };
    },
  };
  const routes = catalogueRoutes(models as unknown as Parameters<typeof catalogueRoutes>[0], {
    needsKey: false,
    takesTruth: false,
  });
  const errors: unknown[] = [];
  const answer = makeAnswer(routes, undefined, (error) => errors.push(error));
  const { status, body } = await answer({
    method: 'GET',
    path: '/v1/models',
    query: new URLSearchParams(),
    headers: {},
    body: new Uint8Array(),
  } as Parameters<typeof answer>[0]);
  return { status, body: JSON.parse(String(body)), errors };
}

describe('the list of models', () => {
  test('describes each, without its item', async () => {
    const { status, body } = await listOf({});
    const models = ['digits', 'wheat'].map((name) => ({ name, version: '1.0.0' }));
    assert.deepEqual([status, body], [200, { models }]);
  });

  for (const error of [new InvalidModelPackage('item.json: found nothing'), new ObjectNotFound('none')])
    test(`leaves out a model whose package cannot be read: ${error.name}`, async () => {
      const { status, body } = await listOf({ digits: error });
      assert.deepEqual([status, body], [200, { models: [{ name: 'wheat', version: '1.0.0' }] }]);
    });

  test('is an error where no model can be described, or something else fails', async () => {
    const invalid = new InvalidModelPackage('item.json: found nothing');
    const all = await listOf({ digits: invalid, wheat: invalid });
    assert.deepEqual([all.status, all.errors], [500, [invalid]]);
    const other = new Error('the bucket cannot be reached');
    const one = await listOf({ wheat: other });
    assert.deepEqual([one.status, one.errors], [500, [other]]);
  });
});
