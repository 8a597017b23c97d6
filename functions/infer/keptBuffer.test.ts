import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeKeptBuffer } from './keptBuffer.ts';

/** Returns an array that one user has alone, and gives back. */
function lent(lend: ReturnType<typeof makeKeptBuffer>, bytes: number): Uint8Array {
  using buffer = lend();
  return buffer.makeBuffer(bytes);
}

test('buffer is kept from one user to the next, and grows where it is too small', () => {
  const lend = makeKeptBuffer();
  const first = lent(lend, 10);
  assert.equal(first.length, 10);
  const smaller = lent(lend, 4);
  assert.deepEqual([smaller.buffer, smaller.length], [first.buffer, 4]);
  const larger = lent(lend, 11);
  assert.equal(larger.length, 11);
  assert.equal(lent(lend, 11).buffer, larger.buffer);
});

test('no two have the same at once, and one that fails gives it back', () => {
  const lend = makeKeptBuffer();
  const taken: Uint8Array[] = [];
  assert.throws(() => {
    using buffer = lend();
    taken.push(buffer.makeBuffer(10));
    assert.notEqual(lent(lend, 10).buffer, taken[0]!.buffer);
    throw new Error('no luck');
  }, /no luck/);
  assert.equal(lent(lend, 10).buffer, taken[0]!.buffer);
});
