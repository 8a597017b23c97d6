import assert from 'node:assert/strict';
import vectors from '../../../core/scenes/formats/jpeg2000/jpeg2000.vectors.json' with { type: 'json' };
import { makeRasterValues } from '../../../core/scenes/raster/raster.ts';
import { openJp2 } from '../../jpeg2000.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';

const files = vectors.pictures.map(({ file }) => new Uint8Array(Buffer.from(file, 'base64')));

/** A tile is in memory as it is stored, as OpenJPEG decodes it and as pixels. */
const limits = { maxBlockBytes: 2 ** 20, cacheBytes: 2 ** 20 };

/** JPEG 2000 files as GDAL and Pillow write them, of which a window is read that may reach over several tiles. */
export const jpeg2000: Target = {
  name: 'jpeg2000',
  share: 30,
  refuses: ['InvalidSceneFile'],
  bytesPerByte: 200,
  make: (dice) => {
    const file = dice.pick(files);
    return dice.once(4) ? file : damage(file, dice, files);
  },
  read: async (file) => {
    const picture = await openJp2(file, limits);
    const { width, height, bands } = picture;
    assert.ok(width * height > 0 && bands.length > 0);
    const window = { x: Math.floor(width / 3), y: Math.floor(height / 3), width: 0, height: 0 };
    window.width = Math.min(50, width - window.x);
    window.height = Math.min(50, height - window.y);
    const wanted = [...new Set([0, bands.length - 1])];
    const into = wanted.map(() => makeRasterValues(picture.type, window.width * window.height));
    const { valid } = await picture.read(window, wanted, into);
    assert.ok(valid === null || valid.includes(0));
  },
};
