import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastDigit as model } from '../../../test/engines/lastDigit.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { makePredictor } from './predictor.ts';

describe('inputs are read no further', () => {
  /** Reads ten at most of a hundred inputs, each of which takes the thread as a decoder does. */
  async function refused(seconds: number, isGone: (read: number) => boolean, expected: object): Promise<void> {
    let read = 0;
    const { predictInputs } = makePredictor(
      { model, predict: () => assert.fail() },
      {
        readFile: async (_, where) => {
          read += 1;
          for (const end = performance.now() + 30; performance.now() < end; );
          throw new InvalidSceneFile(`${where}: it is no image`);
        },
        readUrl: () => assert.fail(),
        maxImageBytes: 1e6,
      },
    );
    const inputs = Array.from({ length: 100 }, (_, i) => ({ s3: `s3://inbox/${i}.tif` }));
    await assert.rejects(
      predictInputs(inputs, seconds, () => isGone(read)),
      expected,
    );
    assert.ok(read <= 10, `${read}`);
  }

  test('where that takes longer than their request may wait', () =>
    refused(0.2, () => false, {
      name: 'TooBusy',
      message: /^\d+ of its 100 inputs were read within 0\.2 s\. Try again, with fewer or smaller ones\.$/,
    }));

  test('where whoever asked has gone', () => refused(10, (read) => read > 3, { name: 'Problem', status: 408 }));
});

test('while many inputs are read, others have their turn', async () => {
  let turns = 0;
  const turn = () => {
    turns += 1;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  const { predictInputs } = makePredictor(
    { model, predict: async () => [] },
    {
      readFile: async (_, where) => {
        for (const end = performance.now() + 15; performance.now() < end; ); // as a decoder takes the thread
        throw new InvalidSceneFile(`${where}: it is no image`);
      },
      readUrl: () => assert.fail(),
      maxImageBytes: 1e6,
    },
  );
  const inputs = Array.from({ length: 8 }, (_, i) => ({ s3: `s3://inbox/${i}.tif` }));
  const { answers } = await predictInputs(inputs, 5).finally(() => clearImmediate(next));
  assert.deepEqual(
    answers.map(({ error }) => error),
    inputs.map((_, i) => `inputs[${i}]: it is no image`),
  );
  assert.ok(turns >= 6, `${turns} turns`);
});
