import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeKeptRoom } from './keptRoom.ts';

test('room is kept from one user to the next, and grows where it is too small', async () => {
  const withRoom = makeKeptRoom();
  const first = await withRoom(async (room) => room(10));
  assert.equal(first.length, 10);
  const smaller = await withRoom(async (room) => room(4));
  assert.deepEqual([smaller.buffer, smaller.length], [first.buffer, 4]);
  const larger = await withRoom(async (room) => room(11));
  assert.equal(larger.length, 11);
  assert.equal((await withRoom(async (room) => room(11))).buffer, larger.buffer);
});

test('no two have the same at once, and one that fails gives it back', async () => {
  const withRoom = makeKeptRoom();
  const first = await withRoom(async (room) => {
    const mine = room(10);
    await withRoom(async (other) => assert.notEqual(other(10).buffer, mine.buffer));
    return mine;
  });
  await assert.rejects(
    withRoom(async (room) => {
      assert.equal(room(10).buffer, first.buffer);
      throw new Error('no luck');
    }),
  );
  assert.equal((await withRoom(async (room) => room(10))).buffer, first.buffer);
});
