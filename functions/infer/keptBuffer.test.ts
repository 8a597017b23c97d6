import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeKeptBuffer } from './keptBuffer.ts';

test('buffer is kept from one user to the next, and grows where it is too small', async () => {
  const withBuffer = makeKeptBuffer();
  const first = await withBuffer(async (buffer) => buffer(10));
  assert.equal(first.length, 10);
  const smaller = await withBuffer(async (buffer) => buffer(4));
  assert.deepEqual([smaller.buffer, smaller.length], [first.buffer, 4]);
  const larger = await withBuffer(async (buffer) => buffer(11));
  assert.equal(larger.length, 11);
  assert.equal((await withBuffer(async (buffer) => buffer(11))).buffer, larger.buffer);
});

test('no two have the same at once, and one that fails gives it back', async () => {
  const withBuffer = makeKeptBuffer();
  const first = await withBuffer(async (buffer) => {
    const mine = buffer(10);
    await withBuffer(async (other) => assert.notEqual(other(10).buffer, mine.buffer));
    return mine;
  });
  await assert.rejects(
    withBuffer(async (buffer) => {
      assert.equal(buffer(10).buffer, first.buffer);
      throw new Error('no luck');
    }),
  );
  assert.equal((await withBuffer(async (buffer) => buffer(10))).buffer, first.buffer);
});
