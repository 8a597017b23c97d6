import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { RasterWindow } from '../../core/arrays/dataTypes.ts';
import { makeRasterValues, type Raster, type RasterValues } from '../../core/scenes/raster/raster.ts';

/** All bands but alpha, which is a band when it is asked for. */
export const coloursOf = ({ bands, alpha }: Raster) => [...bands.keys()].filter((band) => band !== alpha);

export const wholeOf = ({ width, height }: Raster): RasterWindow => ({ x: 0, y: 0, width, height });

/** For tests: the values of a window, by default of all. */
export async function readWindow(raster: Raster, window = wholeOf(raster), bands = coloursOf(raster)) {
  const into = bands.map(() => makeRasterValues(raster.type, window.width * window.height));
  return { into, ...(await raster.read(window, bands, into)) };
}

/** The first half of the SHA-256 of a band's bytes, as the vectors have it. */
export function digestOf({ buffer, byteOffset, byteLength }: RasterValues): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}

/** Any window of any bands has the pixels that a reading of the whole has, whatever was read before and however small the cache. */
export async function hasRightWindows(open: (cacheBytes?: number) => Promise<Raster>): Promise<void> {
  const whole = await open();
  const { width, height } = whole;
  const all = await readWindow(whole);
  const cut = (values: RasterValues, window: RasterWindow) =>
    Array.from({ length: window.height }, (_, row) => {
      const start = (window.y + row) * width + window.x;
      return Array.from<number | bigint>(values.slice(start, start + window.width));
    }).flat();
  const corner = fc.record({ x: fc.nat(width - 1), y: fc.nat(height - 1), w: fc.nat(width), h: fc.nat(height) });
  const bands = fc.shuffledSubarray(coloursOf(whole), { minLength: 1 });
  const windows = fc.array(fc.tuple(corner, bands), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(windows, fc.constantFrom(0, 600, 9000, 1e6), async (places, cacheBytes) => {
      const raster = await open(cacheBytes);
      for (const [{ x, y, w, h }, some] of places) {
        const window = { x, y, width: 1 + (w % (width - x)), height: 1 + (h % (height - y)) };
        const { into, valid } = await readWindow(raster, window, some);
        for (const [i, band] of some.entries()) assert.deepEqual([...into[i]!], cut(all.into[band]!, window));
        if (some.length === all.into.length && all.valid !== null)
          assert.deepEqual(
            [...(valid ?? new Uint8Array(window.width * window.height).fill(1))],
            cut(all.valid, window),
          );
        if (all.valid === null) assert.equal(valid, null);
      }
    }),
    { numRuns: 15, seed: 3 },
  );
}
