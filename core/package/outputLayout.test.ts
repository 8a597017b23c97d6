import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pixelLayout } from './outputLayout.ts';

describe('the layout of a pixel output for chips of 8 × 6', () => {
  const chip = { height: 8, width: 6 };
  for (const [what, shape, upscaling, margin] of [
    ['with the size of the chip', [-1, 3, -1, -1], 1, { top: 0, left: 0 }],
    ['without the edges of the chip', [-1, 3, 4, 2], 1, { top: 2, left: 2 }],
    ['with twice as many pixels in both directions', [-1, 3, 16, 12], 2, { top: 0, left: 0 }],
    [
      'with twice as many pixels in one direction, which is no valid upscaling',
      [-1, 3, 16, 6],
      1,
      { top: -4, left: 0 },
    ],
    [
      'with one and a half times as many pixels, which is no valid upscaling',
      [-1, 3, 12, 9],
      1,
      { top: -2, left: -1.5 },
    ],
  ] as const)
    test(what, () => {
      const layout = pixelLayout({ shape, dim_order: ['batch', 'channel', 'height', 'width'] }, chip);
      assert.partialDeepStrictEqual(layout, { upscaling, margin });
    });
});
