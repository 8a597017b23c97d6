import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptFor } from './keptFor.ts';

test('an answer is given again until it is too old, to each question its own', async () => {
  let time = 0;
  const asked: string[] = [];
  const ask = keptFor(
    60,
    async (question: string) => `${question} ${asked.push(question)}`,
    () => time,
  );
  assert.deepEqual([await ask('a'), await ask('b'), await ask('a')], ['a 1', 'b 2', 'a 1']);
  time = 60;
  assert.deepEqual([await ask('a'), await ask('a')], ['a 3', 'a 3']);
});

test('those who ask at the same time wait for one answer', async () => {
  let asked = 0;
  const ask = keptFor(60, async () => ++asked);
  assert.deepEqual(await Promise.all([ask(0), ask(0)]), [1, 1]);
});

test('a failure is not kept, and with 0 nothing is', async () => {
  let asked = 0;
  const failing = keptFor(60, async () => {
    asked += 1;
    throw new Error('throttled');
  });
  await assert.rejects(failing(0), /throttled/);
  await assert.rejects(failing(0), /throttled/);
  assert.equal(asked, 2);
  const never = keptFor(0, async () => ++asked);
  assert.deepEqual([await never(0), await never(0)], [3, 4]);
});
