import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { digestOf, hasRightWindows, readWindow, wholeOf } from '../../../../test/benches/rasters.ts';
import { openJp2 } from '../../../../test/jpeg2000.ts';
import vectors from './jpeg2000.vectors.json' with { type: 'json' };

const bytesOf = (file: string) => new Uint8Array(Buffer.from(file, 'base64'));
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));

/** What rasterio saw; what a file does not say is left out. */
type Seen = {
  width: number;
  height: number;
  type: string;
  bands: string[];
  alpha?: number;
  transform?: number[];
  epsg?: number;
};

async function agrees(
  file: Uint8Array,
  { epsg, bands, alpha = null as never, transform, ...seen }: Seen,
): Promise<void> {
  const raster = await openJp2(file);
  const { width, height, type } = raster;
  assert.deepEqual({ width, height, type, alpha: raster.alpha }, { ...seen, alpha });
  for (const [i, value] of (transform ?? []).entries())
    assert.ok(Math.abs(raster.transform![i]! - value) <= 1e-9 * Math.max(1, Math.abs(value)), `${raster.transform}`);
  assert.equal(raster.transform === null, transform === undefined);
  assert.equal(raster.geoKeys?.[3072] ?? raster.geoKeys?.[2048], epsg);
  const { into } = await readWindow(raster, wholeOf(raster), [...raster.bands.keys()]);
  assert.deepEqual(into.map(digestOf), bands);
}

describe('files written by GDAL are read as GDAL reads them:', () => {
  for (const { what, file, ...seen } of vectors.pictures as ({ what: string; file: string } & Seen)[])
    test(what, () => agrees(bytesOf(file), seen));
});

describe('a real file is read as GDAL reads it:', () => {
  for (const { what, ...seen } of vectors.fixtures as ({ what: string } & Seen)[])
    test(what, () => agrees(fixture(what), seen));
});

/** A JP2 with one more box in its header. */
function withBox(what: string, type: string, body: Uint8Array): Uint8Array {
  const file = Buffer.from(bytesOf(vectors.pictures.find((one) => one.what === what)!.file));
  const header = file.indexOf('jp2h') - 4;
  const end = header + file.readUInt32BE(header);
  file.writeUInt32BE(end - header + 8 + body.length, header);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return new Uint8Array(Buffer.concat([file.subarray(0, end), head, body, file.subarray(end)]));
}

test('the values of a palette are its indices', async () => {
  const raster = await openJp2(withBox('uint8 of 4 bits', 'pclr', Buffer.of(0, 1, 1, 7, 0)));
  assert.equal(raster.photometric, 'palette');
  const { bands } = vectors.pictures.find(({ what }) => what === 'uint8 of 4 bits')!;
  assert.deepEqual((await readWindow(raster)).into.map(digestOf), bands);
});

describe('a window has the right pixels, whatever was read before and however small the cache', () => {
  for (const what of ['uint16', '3 bands', 'tiles of one column more', 'RPCL, several tile-parts'])
    test(what, () => {
      const file = bytesOf(vectors.pictures.find((one) => one.what === what)!.file);
      return hasRightWindows((cacheBytes = 1e6) => openJp2(file, { cacheBytes }));
    });
});

test('windows read row by row request each byte once, and several tiles together', async () => {
  const file = fixture('T29UNU_20221005T115411_PVI.jp2');
  const requests: [offset: number, length: number][] = [];
  const raster = await openJp2(file, {}, requests);
  const { width, height } = raster;
  for (let y = 0; y < height; y += 50)
    for (let x = 0; x < width; x += 50)
      await readWindow(raster, { x, y, width: Math.min(50, width - x), height: Math.min(50, height - y) });
  assert.ok(requests.length <= 4, `${requests.length} requests`);
  let end = 0;
  for (const [offset, length] of requests) {
    assert.ok(offset >= end, 'what was read is read again');
    end = offset + length;
  }
});
