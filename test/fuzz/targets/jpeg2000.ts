import vectors from '../../../core/scenes/formats/jpeg2000/jpeg2000.vectors.json' with { type: 'json' };
import { openJp2 } from '../../jpeg2000.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';
import { readWindow } from './readWindow.ts';

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
  read: async (file) => readWindow(await openJp2(file, limits), 50),
};
