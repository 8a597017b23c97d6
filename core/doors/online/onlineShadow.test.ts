import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, test } from 'node:test';
import { readBaselineFile } from '../../../test/benches/packages.ts';
import { InvalidModelPackage, ObjectNotFound } from '../../base/errors.ts';
import type { ModelRef } from '../../base/messages.ts';
import type { Chip } from '../../package/package.ts';
import { livingAs } from '../../releases/models.ts';
import { isInShare } from '../../releases/shadow.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import type { Outcome } from './batcher.ts';
import type { Given } from './given.ts';
import { TooBusy } from './http.ts';
import { makeOnlineShadow, type OnlineShadowPorts, type ShadowedAnswer } from './onlineShadow.ts';

const live = await readModelPackage(readBaselineFile);
const candidate = { ...live, version: '1.1.0' };
const values = {
  label: [0, 1],
  class: ['a', 'b'],
  probability: [0.75, 0.5],
  p_0: [0.75, 0.25],
  p_1: [0.25, 0.5],
  p_2: [0, 0.25],
  p_3: [0, 0],
};
const chipOf = (index: number): Chip => ({
  place: { index, kind: 'index' as const },
  planes: [Uint8Array.of(index)],
  truth: null,
});
const givenOf = (place: number, isBlank = false): Given => ({
  place,
  id: null,
  digest: null,
  chip: chipOf(place),
  prediction: isBlank ? null : { values, at: 0, planes: null },
});
const given = [givenOf(0), givenOf(2, true), givenOf(3)];

function makeBench({ models = {}, ...more }: { models?: object } & Partial<Omit<OnlineShadowPorts, 'models'>> = {}) {
  const told: ShadowedAnswer[] = [];
  const asked: Chip[][] = [];
  const shadow = makeOnlineShadow({
    models: {
      shadow: async () => ({ version: candidate.version, share: 1, since: '2026-03-01T00:00:00.000Z' }),
      promotion: async () => livingAs(live),
      load: async (ref: ModelRef) => ({ ...live, version: ref.version }),
      ...models,
    },
    predictor: async () => ({
      predictChips: async (chips) => {
        asked.push([...chips]);
        return chips.map((): Outcome => ({ values, at: 1, planes: null }));
      },
    }),
    seconds: 5,
    maxWaitingBytes: 100,
    onShadowed: (one) => void told.push(one),
    ...more,
  });
  return { shadow, told, asked };
}

describe('the shadow of a request over HTTP', () => {
  test('classifies the chips that are not blank, and returns the values of its own columns for each', async () => {
    const { shadow, told, asked } = makeBench();
    assert.deepEqual(await shadow({ request: 'r', model: live, given }), {
      version: '1.1.0',
      columns: ['label', 'class', 'probability', 'p_0', 'p_1', 'p_2', 'p_3'],
      values: [[1, 'b', 0.5, 0.25, 0.5, 0.25, 0], null, [1, 'b', 0.5, 0.25, 0.5, 0.25, 0]],
    });
    assert.deepEqual(asked, [[given[0]!.chip, given[2]!.chip]]);
    const model = { name: live.name, version: '1.1.0' };
    assert.deepEqual(told, [{ model, inputs: 2, isSeen: true, error: null }]);
  });

  test('is null, without a report, if no version shadows the one that answered', async () => {
    const since = '2026-03-01T00:00:00.000Z';
    for (const models of [
      { shadow: async () => null },
      { shadow: async () => ({ version: live.version, share: 1, since }) },
      { promotion: async () => livingAs({ ...live, version: '0.9.0' }) },
      { promotion: async () => null },
    ]) {
      const { shadow, told, asked } = makeBench({ models });
      assert.equal(await shadow({ request: 'r', model: live, given }), null);
      assert.deepEqual([told, asked], [[], []]);
    }
    const { shadow, asked } = makeBench();
    assert.equal(await shadow({ request: 'r', model: live, given: [givenOf(0, true)] }), null);
    assert.deepEqual(asked, []);
  });

  test('gets its share of the requests, chosen by their ids', async () => {
    const models = { shadow: async () => ({ version: '1.1.0', share: 0.4, since: '2026-03-01T00:00:00.000Z' }) };
    const { shadow } = makeBench({ models });
    for (let i = 0; i < 50; i += 1) {
      const request = `request-${i}`;
      assert.equal(
        (await shadow({ request, model: live, given })) !== null,
        isInShare(hash('sha256', request), 0.4),
        request,
      );
    }
  });

  for (const [what, bench, why] of [
    [
      'shadow.json cannot be read',
      { models: { shadow: () => Promise.reject(new InvalidModelPackage('no JSON')) } },
      /no JSON/,
    ],
    ['its package is gone', { models: { load: () => Promise.reject(new ObjectNotFound('item.json')) } }, /item\.json/],
    [
      'its package has chips prepared in another way',
      { models: { load: async () => ({ ...candidate, blankMax: 77 }) } },
      /its package and that of 1\.0\.0, which is live, differ in: rule for blank chips\./,
    ],
    [
      'something fails that is no error',
      { models: { load: () => Promise.reject('half a sentence') } },
      /requests over HTTP: half a sentence$/,
    ],
    [
      'its model fails on an input',
      { predictor: async () => ({ predictChips: async () => given.map(() => ({ error: new Error('no memory') })) }) },
      /the model failed on an input: no memory/,
    ],
  ] as const)
    test(`is null, and the error is reported, if ${what}`, async () => {
      const { shadow, told } = makeBench(bench as Parameters<typeof makeBench>[0]);
      assert.equal(await shadow({ request: 'r', model: live, given }), null);
      assert.equal(told.length, 1);
      assert.deepEqual([told[0]!.isSeen, told[0]!.inputs], [false, 2]);
      assert.equal(told[0]!.model.name, live.name);
      assert.match(String(told[0]!.error), /The shadow of droughtwatch-baseline\/1\.0\.0 sees no requests over HTTP: /);
      assert.match(String(told[0]!.error), why);
    });

  test('has all that there is room for at the same time', async () => {
    const { shadow, told } = makeBench({ maxWaitingBytes: 4 });
    await Promise.all(['r', 's', 't'].map((request) => shadow({ request, model: live, given })));
    assert.deepEqual(
      told.map(({ isSeen }) => isSeen),
      [false, true, true],
    );
    for (const request of ['u', 'v', 'w']) assert.notEqual(await shadow({ request, model: live, given }), null);
  });

  test('is null without an error if there is no time or no memory for it', async () => {
    const busy = makeBench({ predictor: async () => ({ predictChips: () => Promise.reject(new TooBusy('busy')) }) });
    assert.equal(await busy.shadow({ request: 'r', model: live, given }), null);
    const late = makeBench({ predictor: () => new Promise(() => {}), seconds: 0.02, maxWaitingBytes: 3 });
    const first = late.shadow({ request: 'r', model: live, given });
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(await late.shadow({ request: 's', model: live, given }), null);
    assert.equal(late.told.length, 1, 'the second was not waited for');
    assert.equal(await first, null);
    for (const { isSeen, error } of [...busy.told, ...late.told]) assert.deepEqual([isSeen, error], [false, null]);
  });
});
