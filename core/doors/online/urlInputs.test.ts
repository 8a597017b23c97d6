import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSmallModel } from '../../../test/benches/scenes.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { MAX_FETCHED_INPUTS } from '../../base/limits.ts';
import { readNoImage } from './inboxImage.ts';
import { makePredictor } from './predictor.ts';

describe('inputs that name addresses', async () => {
  const model = await readSmallModel();
  const predictor = (readUrl: (url: string, where: string) => Promise<Uint8Array>) =>
    makePredictor(
      { model, predict: async (chips) => chips.map(() => ({ error: new Error('no model') })) },
      { readFile: readNoImage, readUrl, maxImageBytes: 1e6 },
    );

  test('are fetched in parallel, and each has an error of its own', async () => {
    const asked: string[] = [];
    const every = Promise.withResolvers<void>();
    const { predictInputs } = predictor(async (url, where) => {
      asked.push(url);
      if (asked.length === MAX_FETCHED_INPUTS) every.resolve();
      await every.promise;
      if (url.endsWith('/1')) throw new InvalidSceneFile(`${where}.url: it is gone`);
      return Buffer.from('no image');
    });
    const inputs = Array.from({ length: MAX_FETCHED_INPUTS + 1 }, (_, i) => ({ id: `${i}`, url: `https://h/${i}` }));
    const { answers } = await predictInputs(inputs, 10);
    assert.deepEqual(
      asked,
      inputs.slice(0, -1).map(({ url }) => url),
    );
    assert.deepEqual(
      answers.map(({ id }) => id),
      inputs.map(({ id }) => id),
    );
    assert.equal(answers[1]!.error, 'inputs[1].url: it is gone');
    assert.match(
      answers[0]!.error!,
      /^inputs\[0\]\.url: /,
      'what is wrong with the image itself is said of the address',
    );
    assert.equal(
      answers.at(-1)!.error,
      `inputs[${MAX_FETCHED_INPUTS}].url: found more than ${MAX_FETCHED_INPUTS} addresses, which is the limit of one request`,
    );
  });

  test('fail the request on an unexpected error', async () => {
    const { predictInputs } = predictor(async () => {
      throw new TypeError('a fault of ours');
    });
    await assert.rejects(predictInputs([{ url: 'https://h/0' }, { url: 'https://h/1' }], 10), /a fault of ours/);
  });
});
