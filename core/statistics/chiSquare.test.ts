import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chiSquareTest } from './chiSquare.ts';

test('classes that are absent', async (t) => {
  const nothing = { statistic: 0, degreesOfFreedom: 0, pValue: 1 };
  const cases: [name: string, observed: number[], reference: number[], answer: ReturnType<typeof chiSquareTest>][] = [
    ['all but one: nothing can differ', [0, 9], [0, 4], nothing],
    ['all but one, where 49 * (1 / 49) is not 1', [1, 0], [49, 0], nothing],
    [
      'in the reference: the statistic is null and the p-value 0',
      [2, 8],
      [0, 4],
      { statistic: null, degreesOfFreedom: 1, pValue: 0 },
    ],
    ['on both sides: they are ignored', [0, 2, 8], [0, 4, 4], chiSquareTest([2, 8], [4, 4])],
  ];
  for (const [name, observed, reference, answer] of cases) {
    await t.test(name, () => assert.deepEqual(chiSquareTest(observed, reference), answer));
  }
});
