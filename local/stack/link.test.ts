import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SceneFileChanged } from '../../core/base/errors.ts';
import { answerTo, makeAsking } from './link.ts';

const slow = Promise.withResolvers<string>();
const answers = {
  echo: async (body: unknown) => body,
  nothing: async () => undefined,
  slow: () => slow.promise,
  change: () => Promise.reject(new SceneFileChanged('a changed while it was read.')),
  refuse: () => Promise.reject(Object.assign(new Error('closed'), { code: 'ECONNREFUSED' })),
};
const asJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));
const { ask, hear } = makeAsking(async (asked) => hear(asJson(await answerTo(asJson(asked), answers))));

describe('a question over a link', () => {
  test('is answered, the later one first where it takes less time', async () => {
    const body = { key: 'north/"a"\n🛰️', count: 3, none: null };
    const first = ask('slow', null);
    assert.deepEqual(await ask('echo', body), body);
    slow.resolve('at last');
    assert.equal(await first, 'at last');
  });

  test('that has nothing for an answer is answered all the same', async () => {
    assert.equal(await ask('nothing', null), null);
  });

  test('that fails is an error of the same name and message on this side', async () => {
    const expected = { name: 'SceneFileChanged', message: 'a changed while it was read.' };
    await assert.rejects(ask('change', null), expected);
  });

  test('that can no longer be delivered fails with a code that allows another try', async () => {
    await assert.rejects(ask('refuse', null), { message: 'closed', code: 'ECONNREFUSED' });
  });

  test('without a handler fails, and the next one is answered', async () => {
    await assert.rejects(ask('delete', null), { name: 'TypeError' });
    assert.equal(await ask('echo', 'still there'), 'still there');
  });
});
