import assert from 'node:assert/strict';
import { makeRasterValues, type Raster } from '../../../core/scenes/raster/raster.ts';

/** Reads a window of a raster that begins a third into it and has `side` pixels at most, of its first and its last band. */
export async function readWindow(raster: Raster, side: number): Promise<void> {
  const { width, height, bands } = raster;
  assert.ok(width * height > 0 && bands.length > 0);
  const [x, y] = [Math.floor(width / 3), Math.floor(height / 3)];
  const window = { x, y, width: Math.min(side, width - x), height: Math.min(side, height - y) };
  const wanted = [...new Set([0, bands.length - 1])];
  const into = wanted.map(() => makeRasterValues(raster.type, window.width * window.height));
  const { valid } = await raster.read(window, wanted, into);
  assert.ok(valid === null || valid.includes(0));
}
