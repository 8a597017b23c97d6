import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chipGrid } from './chipGrid.ts';

for (const [what, raster, overlap = 0, columns, rows, last] of [
  ['a whole number of chips', [128, 192], undefined, 3, 2, { x: 128, y: 64 }],
  ['a remainder: the last chips shift inwards', [100, 130], undefined, 3, 2, { x: 66, y: 36 }],
  ['one chip', [64, 64], undefined, 1, 1, { x: 0, y: 0 }],
  ['one pixel more than a chip', [65, 64], undefined, 1, 2, { x: 0, y: 1 }],
  ['an overlap', [64, 160], 16, 3, 1, { x: 96, y: 0 }],
  ['an overlap and a remainder', [64, 161], 16, 4, 1, { x: 97, y: 0 }],
] as const)
  test(`${what}: ${rows} × ${columns}`, () => {
    const [height, width] = raster as [number, number];
    const grid = chipGrid({ height, width }, { height: 64, width: 64 }, overlap);
    assert.deepEqual([grid.columns, grid.rows], [columns, rows]);
    assert.deepEqual(grid.windowOf(0), { x: 0, y: 0, width: 64, height: 64 });
    assert.deepEqual(grid.windowOf(columns * rows - 1), { ...last, width: 64, height: 64 });
  });

test('a raster that is smaller than a chip is one window of its own size', () => {
  const grid = chipGrid({ height: 1, width: 40 }, { height: 64, width: 64 });
  assert.deepEqual([grid.columns, grid.rows, grid.windowOf(0)], [1, 1, { x: 0, y: 0, width: 40, height: 1 }]);
});

test('for any sizes, every pixel is in a window, and every window is within the raster', () => {
  for (let length = 1; length < 40; length += 1)
    for (let side = 1; side < 12; side += 1)
      for (let overlap = 0; overlap < side; overlap += 1) {
        const grid = chipGrid({ height: 1, width: length }, { height: 1, width: side }, 0);
        const overlapping = chipGrid({ height: side, width: length }, { height: side, width: side }, overlap);
        for (const { columns, windowOf } of [grid, overlapping]) {
          const seen = new Set<number>();
          for (let i = 0; i < columns; i += 1) {
            const { x, width } = windowOf(i);
            for (let at = x; at < x + width; at += 1) seen.add(at);
          }
          assert.deepEqual([seen.size, Math.min(...seen), Math.max(...seen)], [length, 0, length - 1]);
        }
      }
});
