import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inOneTurn } from './inOneTurn.ts';

test('messages of one turn are handed on together and in order, and a later one by itself', async () => {
  const handed: number[][] = [];
  const say = inOneTurn<number>((all) => handed.push(all));
  say(1);
  await Promise.resolve().then(() => void say(2));
  assert.deepEqual(handed, []);
  await turn();
  assert.deepEqual(handed, [[1, 2]]);
  say(3);
  await turn();
  assert.deepEqual(handed, [[1, 2], [3]]);
});
