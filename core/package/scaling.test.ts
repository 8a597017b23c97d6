import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BandScaling, compileScaling, scaleValue } from './scaling.ts';

/** By the formulas of MLM 1.5's "Value Scaling Object". */
const cases: readonly [BandScaling, value: number, expected: number][] = [
  [{ type: null }, -0.1, -0.1],
  [{ type: 'scale', value: 255 }, 51, 51 / 255],
  [{ type: 'offset', value: 100 }, 30, -70],
  [{ type: 'min-max', minimum: 10, maximum: 30 }, 15, 0.25],
  [{ type: 'min-max', minimum: 10, maximum: 30 }, 50, 2],
  [{ type: 'z-score', mean: 120, stddev: 40 }, 100, -0.5],
  [{ type: 'clip', minimum: 10, maximum: 30 }, 5, 10],
  [{ type: 'clip', minimum: 10, maximum: 30 }, 20, 20],
  [{ type: 'clip', minimum: 10, maximum: 30 }, 31, 30],
  [{ type: 'clip-min', minimum: 10 }, 5, 10],
  [{ type: 'clip-min', minimum: 10 }, 1e9, 1e9],
  [{ type: 'clip-max', maximum: 30 }, 31, 30],
  [{ type: 'clip-max', maximum: 30 }, -1e9, -1e9],
];

for (const [scaling, value, expected] of cases)
  test(`${JSON.stringify(scaling)} turns ${value} into ${expected}`, () => {
    assert.equal(scaleValue(compileScaling(scaling), value), expected);
  });

test('a missing value stays missing under every scaling', () => {
  for (const [scaling] of cases)
    assert.ok(Number.isNaN(scaleValue(compileScaling(scaling), NaN)), scaling.type ?? 'null');
});
