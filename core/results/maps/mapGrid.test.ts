import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wholeArea } from '../../package/area.ts';
import { mapGrid, windowInMap } from './mapGrid.ts';

/** Three values for each pixel and side. */
const finer = { height: 12, width: 24, upscaling: 3, margin: { top: 1, left: 2 } };
const of = { pixels: finer } as unknown as Parameters<typeof mapGrid>[1];

test('for super-resolution, the map, its windows and the chip areas are finer in width and height', () => {
  const scene = { width: 100, height: 40, transform: [500, 30, 3, 9000, 6, -60] as never };
  assert.deepEqual(mapGrid(scene, of), { width: 300, height: 120, transform: [500, 10, 1, 9000, 2, -20] });
  assert.deepEqual(windowInMap({ x: 5, y: 7, width: 11, height: 13 }, of), { x: 15, y: 21, width: 33, height: 39 });
  assert.deepEqual(wholeArea(finer), { x: 2, y: 1, width: 8, height: 4, valid: null });
});

test('for other models, they equal those of the scene', () => {
  const [scene, window] = [
    { width: 100, height: 40, transform: undefined },
    { x: 5, y: 7, width: 11, height: 13 },
  ];
  assert.equal(mapGrid(scene, { pixels: null }), scene);
  assert.deepEqual(windowInMap(window, { pixels: null }), window);
});
