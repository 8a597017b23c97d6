import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Chip, ModelPackage } from '../../core/package/package.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { makeMasks } from './labelledChips.ts';

describe('the known pixels of a chip', () => {
  const folder = temporaryFolder();
  const model = {
    classes: [7, 8, 9].map((value) => ({ value, name: `class ${value}` })),
    source: { width: 4, height: 4 },
    output: { pixels: { height: 4, width: 4, upscaling: 1, margin: { top: 0, left: 0 } } },
  } as unknown as ModelPackage;
  const valueAt = (i: number) => 7 + (i % 4); // 10 is no class
  const pixelsOf = async (
    mask: [width: number, height: number],
    window: [x: number, y: number, w: number, h: number],
  ) => {
    const [width, height] = mask;
    const values = Uint8Array.from({ length: width * height }, (_, i) => valueAt(i));
    writeFileSync(join(folder, 'mask.tif'), encodeGeoTiff({ width, height, bands: [values] }));
    const [x, y, w, h] = window;
    const place = { kind: 'window', index: 0, x, y, width: w, height: h };
    const area = { x: 0, y: 0, width: w, height: h, valid: null };
    const { places } = await makeMasks(model, join(folder, 'truth.csv'))(
      { place, area } as unknown as Chip,
      'mask.tif',
    );
    return [...places];
  };
  const known = (width: number, left: number, top: number, w: number, h: number) =>
    Array.from({ length: w * h }, (_, i) => valueAt((Math.floor(i / w) + top) * width + (i % w) + left) - 7).map(
      (place) => (place < 3 ? place : -1),
    );

  for (const [title, mask, window, expected] of [
    ['a mask as large as the scene, where the chip lies', [11, 9], [5, 4, 4, 4], known(11, 5, 4, 4, 4)],
    ['a mask as large as the chip, wherever that lies', [4, 4], [5, 4, 4, 4], known(4, 0, 0, 4, 4)],
    ['a mask of a scene that is smaller than a chip', [3, 2], [0, 0, 3, 2], known(3, 0, 0, 3, 2)],
  ] as const)
    test(`are those of ${title}`, async () => assert.deepEqual(await pixelsOf([...mask], [...window]), expected));

  test('are refused of a mask that is as large as neither', () =>
    assert.rejects(
      pixelsOf([6, 6], [5, 4, 4, 4]),
      /the mask mask\.tif: found 6 × 6 pixels and 1 bands, allowed is .* 4 × 4\.$/,
    ));
});
