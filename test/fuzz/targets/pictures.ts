import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import vectors from '../../../core/scenes/formats/geotiff/geotiff.vectors.json' with { type: 'json' };
import { makeRasterValues } from '../../../core/scenes/raster/raster.ts';
import { openBytes } from '../../tiff.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';

const files = vectors.pictures.map(({ file }) => new Uint8Array(inflateSync(Buffer.from(file, 'base64'))));

/** A block is in memory as it is stored, unpacked and as pixels with their opacity. */
const limits = { maxBlockBytes: 2 ** 21, cacheBytes: 2 ** 20 };

/** TIFFs as GDAL writes them, of which a window is read that may reach over several blocks. */
export const pictures: Target = {
  name: 'geotiff',
  share: 80,
  refuses: ['InvalidSceneFile'],
  bytesPerByte: 200,
  make: (dice) => {
    const file = dice.pick(files);
    return dice.once(4) ? file : damage(file, dice, files);
  },
  read: async (file) => {
    const picture = await openBytes(file, limits);
    const { width, height, bands } = picture;
    assert.ok(width * height > 0 && bands.length > 0);
    const window = { x: Math.floor(width / 3), y: Math.floor(height / 3), width: 0, height: 0 };
    window.width = Math.min(100, width - window.x);
    window.height = Math.min(100, height - window.y);
    const wanted = [...new Set([0, bands.length - 1])];
    const into = wanted.map(() => makeRasterValues(picture.type, window.width * window.height));
    const { valid } = await picture.read(window, wanted, into);
    assert.ok(valid === null || valid.includes(0));
  },
};
