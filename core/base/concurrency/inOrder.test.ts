import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inOrder } from './inOrder.ts';

test('results come in the order of the items, with at most the allowed number in parallel', async () => {
  let underWay = 0;
  let most = 0;
  const work = async (item: number) => {
    most = Math.max(most, ++underWay);
    for (let turns = 0; turns < 10 - item; turns += 1) await turn();
    underWay -= 1;
    return item * 10;
  };
  const found: number[] = [];
  for await (const result of inOrder([1, 9, 2, 8, 3, 7, 4], 3, work)) found.push(result);
  assert.deepEqual(found, [10, 90, 20, 80, 30, 70, 40]);
  assert.equal(most, 3);
});

test('a failure is thrown at its place in the order, and later failures are ignored', async () => {
  const found: number[] = [];
  const work = async (item: number) => (item < 3 ? item : Promise.reject(new Error(`no ${item}`)));
  await assert.rejects(async () => {
    for await (const result of inOrder([1, 2, 3, 4, 5], 3, work)) found.push(result);
  }, new Error('no 3'));
  assert.deepEqual(found, [1, 2]);
});

test('after the consumer breaks out of the loop, no further item is started', async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    return item;
  };
  for await (const result of inOrder([1, 2, 3, 4, 5, 6], 2, work)) if (result === 2) break;
  assert.deepEqual(begun, [1, 2, 3]);
});
