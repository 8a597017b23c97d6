import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptFor } from './keptFor.ts';

test('an answer is cached for each question until it expires', async () => {
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

test('concurrent calls share one lookup', async () => {
  let asked = 0;
  const ask = keptFor(60, async () => ++asked);
  assert.deepEqual(await Promise.all([ask(0), ask(0)]), [1, 1]);
});

test('a failure is not cached, and with 0 seconds nothing is cached', async () => {
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
