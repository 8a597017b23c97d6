import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastDigit as model } from '../../test/engines/lastDigit.ts';
import { InvalidSceneFile } from '../errors.ts';
import { makePredictor } from './predictor.ts';

test('inputs that take longer to be read than their request may wait are read no further', async () => {
  let read = 0;
  const { predictInputs } = makePredictor(
    { model, predict: () => assert.fail() },
    {
      readFile: async (_, where) => {
        read += 1;
        for (const end = performance.now() + 30; performance.now() < end; ); // as a decoder takes the thread
        throw new InvalidSceneFile(`${where}: it is no image`);
      },
      readUrl: () => assert.fail(),
      maxImageBytes: 1e6,
    },
  );
  const inputs = Array.from({ length: 100 }, (_, i) => ({ s3: `s3://inbox/${i}.tif` }));
  await assert.rejects(predictInputs(inputs, 0.2), {
    name: 'TooBusy',
    message: /^\d+ of its 100 inputs were read within 0\.2 s\. Try again, with fewer or smaller ones\.$/,
  });
  assert.ok(read < 20, `${read}`);
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
