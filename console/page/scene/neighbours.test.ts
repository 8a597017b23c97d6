import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chipAt, chipByKey } from './neighbours.ts';

/** Three columns and two rows of 10 pixels; the last column is shifted inwards, as chips at a raster's edge are; one is missing. */
const CHIPS = [
  [0, 0],
  [10, 0],
  [15, 0],
  [0, 10],
  [15, 10],
].map(([x, y]) => ({ window: [x!, y!, 10, 10] as [number, number, number, number] }));

describe('the chip that a key leads to', () => {
  const CASES: [from: number, key: string, to: number | undefined][] = [
    [0, 'ArrowRight', 1],
    [1, 'ArrowRight', 2],
    [2, 'ArrowRight', 2],
    [2, 'ArrowLeft', 1],
    [0, 'ArrowDown', 3],
    [3, 'ArrowRight', 4],
    [4, 'ArrowUp', 2],
    [3, 'ArrowDown', 3],
    [3, 'Home', 0],
    [0, 'End', 4],
    [0, 'a', undefined],
  ];
  for (const [from, key, to] of CASES)
    test(`${key} from ${from}: ${to}`, () => assert.equal(chipByKey(CHIPS, from, key), to));
});

test('the chip at a pixel is, of two that share it, the nearer one', () => {
  assert.deepEqual(
    [
      [5, 5],
      [16, 5],
      [19, 5],
      [24, 19],
      [12, 15],
      [25, 5],
    ].map(([x, y]) => chipAt(CHIPS, x!, y!)),
    [0, 1, 2, 4, undefined, undefined],
  );
});
