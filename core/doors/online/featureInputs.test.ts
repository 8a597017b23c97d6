import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PROPERTIES } from '../../../test/benches/packages.ts';
import { rowModel } from '../../../test/benches/rowModel.ts';
import type { FeatureRecord, FeatureSource } from '../../features/contract.ts';
import { RawInput } from './bodyInputs.ts';
import { readNoImage } from './inboxImage.ts';
import { makePredictor } from './predictor.ts';

describe('inputs over HTTP that name records', async () => {
  const model = await rowModel('float32', [`${PROPERTIES}/swath:features`, { group: 'fields' }]);
  const record: FeatureRecord = { id: 'f', time: '2026-05-03T00:00:00.000Z', version: 1, values: { A: 1, B: 2 } };
  const none = async (): Promise<never> => assert.fail('nothing is fetched');
  const predictorOf = (features: FeatureSource | undefined) =>
    makePredictor(
      { model, predict: async (chips) => chips.map(() => ({ error: new Error(`${chips.length} chips`) })) },
      { readFile: readNoImage, readUrl: none, maxImageBytes: 1e6, features },
    );

  test('are looked up together, also in a large body, and each error is its own', async () => {
    const asked: (readonly string[])[] = [];
    const { predictInputs } = predictorOf({
      read: async (_, ids) => {
        asked.push(ids);
        return new Map([['f', record]]);
      },
    });
    const part = (input: unknown) => new RawInput('json', Buffer.from(JSON.stringify(input)));
    const inputs = [{ features: { id: 'f' } }, { features: { id: 'g' } }, { values: [1, 2] }];
    for (const given of [inputs, inputs.map(part)]) {
      const predicted = predictInputs(given, 10);
      await assert.rejects(predicted, /The model failed on every valid input: 2 chips/);
    }
    assert.deepEqual(asked, [
      ['f', 'g'],
      ['f', 'g'],
    ]);
  });

  test('are told to wait where the source does not answer', async () => {
    const { predictInputs } = predictorOf({ read: () => Promise.reject(new Error('throttled')) });
    await assert.rejects(predictInputs([{ features: { id: 'f' } }], 10), {
      status: 503,
      message: 'The source of features does not answer. Try again in a moment.',
    });
  });

  test('are not waited for beyond the time of the request', async () => {
    const { predictInputs } = predictorOf({ read: () => new Promise(() => {}) });
    await assert.rejects(predictInputs([{ features: { id: 'f' } }], 0.05), {
      status: 503,
      message: /not found in time/,
    });
  });

  test('are refused by a server without features', async () => {
    const { answers } = await predictorOf(undefined).predictInputs([{ id: 'a', features: { id: 'f' } }], 10);
    assert.match(String(answers[0]!.error), /^inputs\[0\]\.features: found ids, but no features are looked up here/);
  });
});
