import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWhole } from './readWhole.ts';

const scene = { bucket: 'inbox', key: 'a', versionId: 'v1' };
const file = Uint8Array.from({ length: 100 }, (_, i) => i);

for (const [what, chips, size, requests] of [
  ['a small file of many chips is read whole, and once', 8, file.length, [[0, 100]]],
  [
    'of a file of few chips, each range is read',
    7,
    file.length,
    [
      [10, 5],
      [90, 20],
    ],
  ],
  [
    'of a large file, each range is read',
    8,
    4 * 2 ** 20 + 1,
    [
      [10, 5],
      [90, 20],
    ],
  ],
  [
    'of a file of unknown size, each range is read',
    8,
    0,
    [
      [10, 5],
      [90, 20],
    ],
  ],
] as const)
  test(what, async () => {
    const asked: [number, number][] = [];
    const read = readWhole(
      async (_scene, offset, length) => {
        asked.push([offset, length]);
        return file.subarray(offset, offset + length);
      },
      Array.from({ length: chips }, () => ({ scene, run: 'run' })),
      new Map([['run', size]]),
    );
    const found = [await read(scene, 10, 5), await read(scene, 90, 20)];
    assert.deepEqual(found, [file.subarray(10, 15), file.subarray(90)]);
    assert.deepEqual(asked, requests);
  });
