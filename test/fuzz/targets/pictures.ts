import { inflateSync } from 'node:zlib';
import vectors from '../../../core/scenes/formats/geotiff/geotiff.vectors.json' with { type: 'json' };
import { openBytes } from '../../tiff.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';
import { readWindow } from './readWindow.ts';

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
  read: async (file) => readWindow(await openBytes(file, limits), 100),
};
