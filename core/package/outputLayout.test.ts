import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pixelLayout } from './outputLayout.ts';

describe('the layout of a pixel output for chips of 8 × 6', () => {
  const chip = { height: 8, width: 6 };
  for (const { what, shape, upscaling, margin } of [
    { what: 'with the size of the chip', shape: [-1, 3, -1, -1], upscaling: 1, margin: { top: 0, left: 0 } },
    { what: 'without the edges of the chip', shape: [-1, 3, 4, 2], upscaling: 1, margin: { top: 2, left: 2 } },
    {
      what: 'with twice as many pixels in both directions',
      shape: [-1, 3, 16, 12],
      upscaling: 2,
      margin: { top: 0, left: 0 },
    },
    {
      what: 'with twice as many pixels in one direction, which is no valid upscaling',
      shape: [-1, 3, 16, 6],
      upscaling: 1,
      margin: { top: -4, left: 0 },
    },
    {
      what: 'with one and a half times as many pixels, which is no valid upscaling',
      shape: [-1, 3, 12, 9],
      upscaling: 1,
      margin: { top: -2, left: -1.5 },
    },
  ])
    test(what, () => {
      const layout = pixelLayout({ shape, dim_order: ['batch', 'channel', 'height', 'width'] }, chip);
      assert.partialDeepStrictEqual(layout, { upscaling, margin });
    });
});
