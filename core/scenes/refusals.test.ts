import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Refusal, refusedInRow } from './refusals.ts';
import { refusedText } from './refusedText.ts';

const refusal = (index: number, message = 'no image'): Refusal => ({ index, name: null, message });

test('a row stores the number of refused chips, and the first of them shortened', () => {
  assert.deepEqual(refusedInRow([]), {});
  assert.deepEqual(refusedInRow([refusal(3)]), { refused: { count: 1, first: [refusal(3)] } });
  const long = Array.from({ length: 1000 }, (_, i) => ({ index: i, name: '🛰'.repeat(512), message: 'x'.repeat(5000) }));
  const { refused } = refusedInRow(long);
  assert.deepEqual([refused?.count, refused?.first.length], [1000, 5]);
  assert.ok(Buffer.byteLength(JSON.stringify(refused)) < 4000);
  assert.ok(refused?.first.every(({ name, message }) => name?.isWellFormed() && message.length === 201));
});

test('refusals are summarised in a sentence', () => {
  assert.equal(refusedText({ count: 1, first: [refusal(3)] }), '1 chip could not be read: no image');
  const first = [refusal(3), refusal(4, 'too large')];
  assert.equal(refusedText({ count: 7, first }), '7 chips could not be read, the first: no image');
});
