import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { forEach } from './forEach.ts';

async function* later(items: readonly number[]) {
  for (const item of items) {
    await setImmediate();
    yield item;
  }
}

const ITEMS = [1, 2, 3, 4, 5, 6, 7];

for (const { what, items } of [
  { what: 'a list', items: () => ITEMS },
  { what: 'an iterator that takes its time', items: () => later(ITEMS) },
])
  test(`each item of ${what} is processed once, with at most the allowed number in parallel`, async () => {
    let [running, most] = [0, 0];
    const done: number[] = [];
    await forEach(items(), 3, async (item) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      running -= 1;
      done.push(item);
    });
    assert.equal(most, 3);
    assert.deepEqual(done.sort(), ITEMS);
  });

test('after an error no further item is started, and the error is thrown once all running items end', async () => {
  const begun: number[] = [];
  let ended = 0;
  const work = async (item: number) => {
    begun.push(item);
    await setImmediate();
    if (item === 2) throw new Error('full');
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    ended += 1;
  };
  await assert.rejects(forEach(ITEMS, 3, work), /full/);
  assert.deepEqual([begun, ended], [[1, 2, 3], 2]);
});
