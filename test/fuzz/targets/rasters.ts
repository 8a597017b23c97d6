import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import tiffs from '../../../core/scenes/formats/geotiff/geotiff.vectors.json' with { type: 'json' };
import jp2s from '../../../core/scenes/formats/jpeg2000/jpeg2000.vectors.json' with { type: 'json' };
import pictures from '../../../core/scenes/image/image.vectors.json' with { type: 'json' };
import type { Raster } from '../../../core/scenes/raster/raster.ts';
import { readWindow } from '../../benches/rasters.ts';
import { kindOf, openImage } from '../../images.ts';
import { openJp2 } from '../../jpeg2000.ts';
import { openBytes } from '../../tiff.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';

type Rasters = {
  name: string;
  share: number;
  /** Files of one kind each: a file is damaged with pieces of its own kind. */
  kinds: readonly (readonly Uint8Array[])[];
  open: (file: Uint8Array) => Promise<Raster>;
  /** The side of the window that is read, which begins a third into the raster; all of it without. */
  side?: number;
};

function rasters({ name, share, kinds, open, side }: Rasters): Target {
  return {
    name,
    limits: { share, refuses: ['InvalidSceneFile'], bytesPerByte: 200 },
    make: (dice) => {
      const files = dice.pick(kinds);
      const file = dice.pick(files);
      return dice.once(4) ? file : damage(file, dice, files);
    },
    read: async (file) => {
      const raster = await open(file);
      const { width, height, bands } = raster;
      assert.ok(width * height > 0 && bands.length > 0);
      const [x, y] = side === undefined ? [0, 0] : [Math.floor(width / 3), Math.floor(height / 3)];
      const most = side ?? Number.POSITIVE_INFINITY;
      const window = { x, y, width: Math.min(most, width - x), height: Math.min(most, height - y) };
      const wanted = side === undefined ? [...bands.keys()] : [...new Set([0, bands.length - 1])];
      const { valid } = await readWindow(raster, window, wanted);
      assert.ok(valid === null || valid.includes(0));
    },
  };
}

const bytesOf = ({ file }: { file: string }) => new Uint8Array(Buffer.from(file, 'base64'));

/** TIFFs as GDAL writes them. A block is in memory as it is stored, unpacked and as pixels with their opacity. */
export const geotiff = rasters({
  name: 'geotiff',
  share: 80,
  kinds: [tiffs.pictures.map((one) => new Uint8Array(inflateSync(bytesOf(one))))],
  open: (file) => openBytes(file, { maxBlockBytes: 2 ** 21, cacheBytes: 2 ** 20 }),
  side: 100,
});

/** JPEG 2000 files as GDAL and Pillow write them. A tile is in memory as it is stored, as OpenJPEG decodes it and as pixels. */
export const jpeg2000 = rasters({
  name: 'jpeg2000',
  share: 30,
  kinds: [jp2s.pictures.map(bytesOf)],
  open: (file) => openJp2(file, { maxBlockBytes: 2 ** 20, cacheBytes: 2 ** 20 }),
  side: 50,
});

/** PNGs, JPEGs and WebPs of other software, opened as their first bytes say. One is in memory as it is stored, unpacked and as pixels. */
export const images = rasters({
  name: 'images',
  share: 40,
  kinds: ['PNG', 'JPEG', 'WebP'].map((kind) =>
    pictures.pictures.filter(({ what }) => kindOf(what) === kind).map(bytesOf),
  ),
  open: (file) => {
    const kind = file[0] === 0xff ? 'JPEG' : file[0] === 0x52 ? 'WebP' : 'PNG';
    return openImage(kind, file, { maxBlockBytes: 2 ** 20, cacheBytes: 0 });
  },
});
