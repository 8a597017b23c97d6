import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { digestOf, readWindow, wholeOf } from '../../../test/benches/rasters.ts';
import { isRefused } from '../../../test/benches/sceneFiles.ts';
import { kindOf, openImage } from '../../../test/images.ts';
import { HEAD_BYTES } from '../formats/format.ts';
import { formatOf } from '../formats/formats.ts';
import { jpeg } from '../formats/jpeg/format.ts';
import { placeBySiblings } from '../raster/siblings/siblings.ts';
import vectors from './image.vectors.json' with { type: 'json' };

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
      const { into, valid } = await readWindow(raster, wholeOf(raster), [...bands.keys()]);
      const { nodata = null, alpha: seenAlpha = null, valid: seenValid = null, photometric, ...more } = seen;
      assert.deepEqual(
        {
          width,
          height,
          type,
          alpha,
          nodata: bands[0]!.nodata,
          valid: valid && digestOf(valid),
          bands: into.map(digestOf),
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
      const { into } = await readWindow(raster);
      assert.deepEqual(
        [raster.width, raster.height, raster.type, into.map(digestOf), raster.transform, raster.geoKeys],
        [width, height, type, bands, transform, { 1024: 2, 2048: epsg }],
      );
    });
});

describe('unsupported files are refused with a remedy:', () => {
  for (const { what, file, why } of vectors.refused)
    test(what, () =>
      isRefused(
        () => openImage(kindOf(what), bytesOf(file)),
        `a.png: ${why}`,
        /, allowed (is|are) .*(gdal_translate|Send)/,
      ),
    );
});
