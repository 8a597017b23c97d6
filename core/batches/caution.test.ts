import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cautionOf, diedAfterProgress } from './caution.ts';

for (const [died, files, size, isGivenUp] of [
  [0, 500, 500, false],
  [1, 500, 500, false],
  [2, 500, 250, false],
  [3, 500, 125, false],
  [10, 500, 1, false],
  [11, 500, 1, false],
  [12, 500, 1, true],
  [2, 2, 1, false],
  [3, 2, 1, false],
  [4, 2, 1, true],
  [1, 1, 1, false],
  [2, 1, 1, true],
] as const)
  test(`after ${died} crashes on ${files} files, ${size} are tried${isGivenUp ? ', and the first is given up' : ''}`, () => {
    assert.deepEqual(cautionOf(died, files), { size, isGivenUp });
  });

/** Has a process work on files, which dies whenever it works on a certain one, until all have ended or are given up. */
function workedOff(files: number, deadly: number): { deaths: number; givenUp: number[] } {
  const left = Array.from({ length: files }, (_, i) => i);
  const givenUp: number[] = [];
  for (let [died, deaths] = [0, 0]; ; ) {
    if (left.length === 0) return { deaths, givenUp };
    const { size, isGivenUp } = cautionOf(died, left.length);
    if (!isGivenUp && left.indexOf(deadly) >= 0 && left.indexOf(deadly) < size) {
      died += 1;
      deaths += 1;
      continue;
    }
    const some = left.splice(0, size);
    if (isGivenUp) givenUp.push(...some);
    died = diedAfterProgress(died, left.length);
  }
}

test('the file that crashes the process is found, wherever it is, and no other file is given up', () => {
  for (const files of [1, 2, 3, 17, 500])
    for (const deadly of [0, 1, Math.floor(files / 2), files - 1].filter((one) => one < files)) {
      const { deaths, givenUp } = workedOff(files, deadly);
      assert.deepEqual(givenUp, [deadly]);
      assert.ok(deaths <= 2 * (2 + Math.ceil(Math.log2(files))), `${deaths} deaths for file ${deadly} of ${files}`);
    }
});
