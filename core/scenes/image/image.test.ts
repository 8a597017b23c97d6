import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { kindOf, openImage } from '../../../test/images.ts';
import { InvalidSceneFile } from '../../errors.ts';
import { makeRasterValues, type RasterValues } from '../raster/raster.ts';
import vectors from './image.vectors.json' with { type: 'json' };

const digest = ({ buffer, byteOffset, byteLength }: RasterValues) =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
    .slice(0, 32);

const bytesOf = (file: string) => new Uint8Array(Buffer.from(file, 'base64'));

/** What Pillow and GDAL saw; what a file does not say is left out. */
type Seen = {
  width: number;
  height: number;
  type: string;
  bands: string[];
  nodata?: number;
  alpha?: number;
  valid?: string;
  photometric?: string;
};

describe('a picture is read as Pillow and GDAL read it:', () => {
  for (const { what, file, ...seen } of vectors.pictures as ({ what: string; file: string } & Seen)[])
    test(what, async () => {
      const raster = await openImage(kindOf(what), bytesOf(file));
      const { width, height, type, bands, alpha } = raster;
      const into = bands.map(() => makeRasterValues(type, width * height));
      const { valid } = await raster.read({ x: 0, y: 0, width, height }, [...bands.keys()], into);
      const { nodata = null, alpha: seenAlpha = null, valid: seenValid = null, photometric, ...more } = seen;
      assert.deepEqual(
        {
          width,
          height,
          type,
          alpha,
          nodata: bands[0]!.nodata,
          valid: valid && digest(valid),
          bands: into.map(digest),
        },
        { ...more, alpha: seenAlpha, nodata, valid: seenValid },
      );
      assert.equal(raster.photometric, photometric ?? (bands.length > 2 ? 'rgb' : 'minIsBlack'));
    });
});

describe('what is not read is refused with what to do:', () => {
  for (const { what, file, why } of vectors.refused)
    test(what, async () => {
      await assert.rejects(openImage(kindOf(what), bytesOf(file)), (error: Error) => {
        assert.ok(error instanceof InvalidSceneFile);
        assert.ok(error.message.startsWith(`a.png: ${why}`), error.message);
        assert.match(error.message, /, allowed (is|are) .*gdal_translate/);
        return true;
      });
    });
});
