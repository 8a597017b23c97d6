import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chipGrid } from '../scenes/raster/chipGrid.ts';
import { areaOf, keptArea, wholeArea } from './area.ts';

const side = fc.integer({ min: 1, max: 40 });

/** A raster, chips that overlap by less than their size, and a model that leaves out no more than they share. */
const cases = fc
  .record({ width: side, height: side, chip: fc.integer({ min: 1, max: 16 }) })
  .chain(({ chip, ...raster }) =>
    fc.record({
      raster: fc.constant(raster),
      chip: fc.constant({ width: chip, height: chip }),
      overlap: fc.integer({ min: 0, max: chip - 1 }),
      margin: fc.integer({ min: 0, max: chip }),
    }),
  )
  .map(({ margin, ...one }) => ({ ...one, margin: Math.min(margin, Math.floor(one.overlap / 2)) }));

test('each pixel of a scene comes from exactly one chip, except at edges that the model leaves out', () => {
  fc.assert(
    fc.property(cases, ({ raster, chip, overlap, margin }) => {
      const grid = chipGrid(raster, chip, overlap);
      const seen = new Uint8Array(raster.width * raster.height);
      for (let index = 0; index < grid.columns * grid.rows; index += 1) {
        const window = grid.windowOf(index);
        const kept = keptArea(window, grid.neighboursOf(index), { top: margin, left: margin });
        for (let y = 0; y < kept.height; y += 1)
          for (let x = 0; x < kept.width; x += 1) {
            const [column, row] = [kept.x + x, kept.y + y];
            assert.ok(column >= margin && column < chip.width - margin, 'the model says something of it');
            assert.ok(row >= margin && row < chip.height - margin, 'the model says something of it');
            seen[(window.y + row) * raster.width + window.x + column]! += 1;
          }
      }
      for (let y = 0; y < raster.height; y += 1)
        for (let x = 0; x < raster.width; x += 1) {
          const isInside = [x, raster.width - 1 - x, y, raster.height - 1 - y].every((from) => from >= margin);
          assert.equal(seen[y * raster.width + x], isInside ? 1 : 0);
        }
    }),
  );
});

test('each of two overlapping chips keeps the half of the overlap that is further from its own border', () => {
  const grid = chipGrid({ width: 14, height: 8 }, { width: 8, height: 8 }, 2);
  const kept = [0, 1].map((index) => keptArea(grid.windowOf(index), grid.neighboursOf(index), { top: 0, left: 0 }));
  assert.deepEqual(kept, [
    { x: 0, y: 0, width: 7, height: 8 },
    { x: 1, y: 0, width: 7, height: 8 },
  ]);
});

test('the mask of valid pixels is cropped to the area', () => {
  const valid = Uint8Array.from({ length: 12 }, (_, i) => i);
  const kept = { x: 1, y: 1, width: 2, height: 2 };
  assert.deepEqual(areaOf(kept, { width: 4, height: 3 }, valid), { ...kept, valid: Uint8Array.of(5, 6, 9, 10) });
  assert.deepEqual(areaOf(kept, { width: 4, height: 3 }, null), { ...kept, valid: null });
});

test('a chip that is not part of a raster keeps the whole output of its model', () => {
  const layout = { width: 6, height: 4, upscaling: 1, margin: { top: 2, left: 1 } };
  assert.deepEqual(wholeArea(layout), { x: 1, y: 2, width: 6, height: 4, valid: null });
});
