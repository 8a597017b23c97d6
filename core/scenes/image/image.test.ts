import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { kindOf, openImage } from '../../../test/images.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { HEAD_BYTES } from '../formats/format.ts';
import { formatOf } from '../formats/formats.ts';
import { jpeg } from '../formats/jpeg/format.ts';
import { makeRasterValues, type RasterValues } from '../raster/raster.ts';
import { placeBySiblings } from '../raster/siblings/placeBySiblings.ts';
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
        { ...more, alpha: seenAlpha, nodata, valid: seenAlpha === null ? seenValid : null }, // alpha was asked for, as a band
      );
      assert.equal(raster.photometric, photometric ?? (bands.length > 2 ? 'rgb' : 'minIsBlack'));
    });
});

describe('a real file has the values of Pillow and the location of rasterio:', () => {
  for (const { what, width, height, type, bands, transform, epsg } of vectors.fixtures)
    test(what, async () => {
      const fixture = (name: string) => readFile(new URL(`fixtures/${name}`, import.meta.url)).catch(() => null);
      const file = new Uint8Array((await fixture(what))!);
      assert.equal(formatOf({ key: what, size: file.length }, file.subarray(0, HEAD_BYTES)).format, jpeg);
      const raster = await placeBySiblings(what, await openImage('JPEG', file), fixture);
      const into = bands.map(() => makeRasterValues('uint8', width * height));
      await raster.read({ x: 0, y: 0, width, height }, [...bands.keys()], into);
      assert.deepEqual(
        [raster.width, raster.height, raster.type, into.map(digest), raster.transform, raster.geoKeys],
        [width, height, type, bands, transform, { 1024: 2, 2048: epsg }],
      );
    });
});

describe('unsupported files are refused with a remedy:', () => {
  for (const { what, file, why } of vectors.refused)
    test(what, async () => {
      await assert.rejects(openImage(kindOf(what), bytesOf(file)), (error: Error) => {
        assert.ok(error instanceof InvalidSceneFile);
        assert.ok(error.message.startsWith(`a.png: ${why}`), error.message);
        assert.match(error.message, /, allowed (is|are) .*(gdal_translate|Send)/);
        return true;
      });
    });
});
