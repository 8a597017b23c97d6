import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lambdaHandler } from './lambda.ts';

test('a handler passes its remaining time to its step, and never asks it to stop', async () => {
  let left = 9500;
  const handler = lambdaHandler(async (message, { remainingSeconds, signal }) => {
    const atStart = remainingSeconds();
    left = 500;
    return [message, atStart, remainingSeconds(), signal.aborted];
  });
  assert.deepEqual(await handler({ a: 1 }, { getRemainingTimeInMillis: () => left }), [{ a: 1 }, 9.5, 0.5, false]);
});
