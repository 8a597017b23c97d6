import assert from 'node:assert/strict';
import vectors from '../../../core/scenes/image/image.vectors.json' with { type: 'json' };
import { makeRasterValues } from '../../../core/scenes/raster/raster.ts';
import { kindOf, openImage } from '../../images.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';

type Kind = ReturnType<typeof kindOf>;

const KINDS: readonly Kind[] = ['PNG', 'JPEG', 'WebP'];

const files = new Map(
  KINDS.map((kind) => {
    const ofKind = vectors.pictures.filter(({ what }) => kindOf(what) === kind);
    return [kind, ofKind.map(({ file }) => new Uint8Array(Buffer.from(file, 'base64')))];
  }),
);

/** A picture is in memory as it is stored, unpacked and as pixels, some of them turned. */
const limits = { maxBlockBytes: 2 ** 20, cacheBytes: 0 };

/** PNGs, JPEGs and WebPs of other software, each read whole, as the first bytes say. */
export const images: Target = {
  name: 'images',
  share: 40,
  refuses: ['InvalidSceneFile'],
  bytesPerByte: 200,
  make: (dice) => {
    const kind = dice.pick(KINDS);
    const file = dice.pick(files.get(kind)!);
    return dice.once(4) ? file : damage(file, dice, files.get(kind)!);
  },
  read: async (file) => {
    const kind = file[0] === 0xff ? 'JPEG' : file[0] === 0x52 ? 'WebP' : 'PNG';
    const { width, height, type, bands, read } = await openImage(kind, file, limits);
    assert.ok(width * height > 0 && bands.length > 0);
    const into = bands.map(() => makeRasterValues(type, width * height));
    const { valid } = await read({ x: 0, y: 0, width, height }, [...bands.keys()], into);
    assert.ok(valid === null || valid.includes(0));
  },
};
