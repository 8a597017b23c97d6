import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eachField, field, int, join, Malformed, text } from './protobuf.ts';

/** Messages as protobuf.dev, "Encoding", has them. */

const read = (...bytes: number[]) => [...eachField(Uint8Array.from(bytes))];
const summary = (...bytes: number[]) =>
  read(...bytes).map(({ number, whole, content, value }) => [number, whole.length, [...content], value]);

describe('a message', () => {
  test('is written in the protobuf encoding', () => {
    assert.deepEqual([...int(1, 150)], [0x08, 0x96, 0x01]);
    assert.deepEqual([...int(1, 127)], [0x08, 0x7f]);
    assert.deepEqual([...int(1, 128)], [0x08, 0x80, 0x01]);
    assert.deepEqual([...int(2, -1)], [0x10, ...new Array(9).fill(0xff), 0x01]);
    assert.deepEqual([...text(2, 'hi')], [0x12, 2, 0x68, 0x69]);
  });

  test('is read field by field, each with its value or its bytes', () => {
    assert.deepEqual(summary(0x08, 0x96, 0x01), [[1, 3, [], 150n]]);
    assert.deepEqual(summary(0x12, 2, 7, 8, 0x08, 1), [
      [2, 4, [7, 8], 0n],
      [1, 2, [], 1n],
    ]);
    assert.deepEqual(summary(0x1d, 1, 2, 3, 4, 0x08, 1), [
      [3, 5, [1, 2, 3, 4], 0n],
      [1, 2, [], 1n],
    ]);
    assert.deepEqual(summary(0x21, 1, 2, 3, 4, 5, 6, 7, 8), [[4, 9, [1, 2, 3, 4, 5, 6, 7, 8], 0n]]);
    assert.deepEqual(summary(), []);
  });

  test('has numbers of at most 64 bits', () => {
    const ones = new Array(9).fill(0xff);
    assert.equal(read(0x08, ...ones, 0x01)[0]!.value, 2n ** 64n - 1n);
    assert.equal(read(0x08, ...ones, 0x7f)[0]!.value, 2n ** 64n - 1n, 'what is beyond is left out');
    assert.throws(() => read(0x08, ...new Array(10).fill(0xff), 0x01), Malformed);
  });

  for (const [what, bytes] of [
    ['ends in a tag', [0x88]],
    ['ends in a number', [0x08, 0x80]],
    ['ends before its bytes do', [0x12, 3, 1, 2]],
    ['ends in a number of 32 bits', [0x1d, 1, 2, 3]],
    ['ends in a number of 64 bits', [0x21, 1, 2, 3, 4, 5, 6, 7]],
    ['has a group, which is obsolete', [0x0b]],
    ['has an unknown wire type', [0x0f]],
  ] as const)
    test(`is malformed if it ${what}`, () => assert.throws(() => read(...bytes), Malformed));

  test('within a message is its bytes', () => {
    const inner = int(3, 5);
    const [outer] = [...eachField(join([field(7, inner)]))];
    assert.deepEqual([outer!.number, [...outer!.content]], [7, [...inner]]);
  });
});
