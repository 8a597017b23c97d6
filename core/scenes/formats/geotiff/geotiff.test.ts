import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { digestOf, readWindow, wholeOf } from '../../../../test/benches/rasters.ts';
import { isRefused } from '../../../../test/benches/sceneFiles.ts';
import { openBytes } from '../../../../test/tiff.ts';
import vectors from './geotiff.vectors.json' with { type: 'json' };

const unpacked = (file: string) => new Uint8Array(inflateSync(Buffer.from(file, 'base64')));

/** What rasterio saw; what a file does not say is left out. */
type Seen = {
  width: number;
  height: number;
  type: string;
  block: number[];
  bands: string[];
  nodata?: string;
  descriptions?: (string | null)[];
  scales?: number[];
  offsets?: number[];
  alpha?: number;
  transform?: number[];
  epsg?: number;
  valid?: string;
};

async function agrees(file: Uint8Array, { epsg, nodata, ...seen }: Seen): Promise<void> {
  const raster = await openBytes(file);
  const { width, height, type, bands, alpha, transform, geoKeys } = raster;
  const { into } = await readWindow(raster, wholeOf(raster), [...bands.keys()]);
  const { valid } = await readWindow(raster);
  const nothing = bands.map(() => null);
  assert.deepEqual(
    {
      width,
      height,
      type,
      alpha,
      transform,
      block: [raster.blockHeight, raster.blockWidth],
      nodata: bands[0]!.nodata === null ? null : Number(bands[0]!.nodata),
      descriptions: bands.map(({ description }) => description),
      scales: bands.map(({ scale }) => scale ?? 1),
      offsets: bands.map(({ offset }) => offset ?? 0),
      bands: into.map(digestOf),
      valid: valid && digestOf(valid),
    },
    {
      alpha: null,
      transform: null,
      descriptions: nothing,
      valid: null,
      scales: bands.map(() => 1),
      offsets: bands.map(() => 0),
      ...seen,
      nodata: nodata === undefined ? null : Number(nodata),
    },
  );
  const [projected, geographic] = [geoKeys?.[3072], geoKeys?.[2048]];
  if (epsg !== undefined) assert.equal(projected ?? geographic, epsg);
}

describe('files written by GDAL are read as GDAL reads them:', () => {
  for (const { what, file, ...seen } of vectors.pictures) test(what, () => agrees(unpacked(file), seen));
});

describe('a real file is read as GDAL reads it:', () => {
  for (const { what, ...seen } of vectors.fixtures)
    test(what, () => agrees(new Uint8Array(readFileSync(new URL(`fixtures/${what}`, import.meta.url))), seen));
});

describe('unsupported files are refused with a remedy:', () => {
  for (const { what, file } of vectors.refused)
    test(what, () =>
      isRefused(
        () => openBytes(unpacked(file)),
        /^a\.tif: directory 0 at byte \d+: found .*, allowed (is|are) .*gdal_translate/,
      ),
    );
});
