import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { inJson, pixelsOfRaster } from '../../../test/benches/pixelsOfRaster.ts';
import { readSmallModel } from '../../../test/benches/scenes.ts';
import { InvalidSceneFile, onError, orElse } from '../../base/errors.ts';
import { MAX_HDF5_BYTES, SCENE_LIMITS } from '../../base/limits.ts';
import type { SourceBand } from '../../package/facts.ts';
import { FORMATS } from '../formats/formats.ts';
import { inOneChunk, rangesIn } from '../rangesIn.ts';
import { crsOf } from '../raster/crs.ts';
import { makeReadChips } from '../readChips.ts';
import { cubeFormat } from './cubeFormat.ts';
import { stackCube } from './cubeRaster.ts';
import { openHdf5 } from './hdf5.ts';
import vectors from './hdf5.vectors.json' with { type: 'json' };

type Vector = {
  what: string;
  file: string;
  type: string;
  bands: Record<string, (number | string)[]>;
  transform?: number[] | null;
  crs?: string;
  scale?: number;
  offset?: number;
  nodata?: string;
  start?: string;
};

const bytesOf = (file: string) => new Uint8Array(inflateSync(Buffer.from(file, 'base64')));
const all = vectors.vectors as unknown as Vector[];
const others = vectors.others as Record<string, string>;

async function readAll(bytes: Uint8Array, names: readonly string[], size = bytes.length) {
  const key = 'north/a.nc';
  const cube = await openHdf5({ key, size, range: rangesIn(bytes), chunks: inOneChunk(bytes) });
  try {
    const wanted = names.map((name) => ({ name, commonName: null })) as unknown as SourceBand[];
    const { raster, times } = await stackCube(key, cube, wanted, { ...SCENE_LIMITS, maxRecordBytes: 2 ** 20 });
    return { raster, times, pixels: await pixelsOfRaster(raster) };
  } finally {
    cube.close!();
  }
}

describe('a file has the values that netCDF4 and h5py read, pixel for pixel:', () => {
  for (const { what, file, type, bands, transform, crs, scale, offset, nodata, start } of all)
    test(what, async () => {
      const { raster, times, pixels } = await readAll(bytesOf(file), Object.keys(bands));
      assert.equal(raster.type, type);
      assert.deepEqual(
        pixels.map((values) => Array.from(values, inJson)),
        Object.values(bands),
      );
      if (transform !== undefined) assert.deepEqual(raster.transform, transform);
      if (crs !== undefined) assert.equal((await crsOf(raster.geoKeys)).crs?.name, crs);
      const [band] = raster.bands;
      assert.deepEqual([band!.scale, band!.offset], [scale ?? null, offset ?? null]);
      if (nodata !== undefined) assert.equal(String(band!.nodata), nodata);
      if (start !== undefined)
        assert.ok(
          times.some((time) => time.start === start),
          JSON.stringify(times),
        );
    });
});

for (const size of [512, 1024, 4096, 65_536])
  test(`a file has its values behind a user block of ${size} bytes`, async () => {
    const { file, bands } = all[0]!;
    const { pixels } = await readAll(Buffer.concat([new Uint8Array(size), bytesOf(file)]), ['b02']);
    assert.deepEqual(Array.from(pixels[0]!, inJson), bands['b02']);
  });

for (const [what, file, start] of [
  ['an error page', '<!DOCTYPE html>\n<p>Not found, sorry</p>', '“<!DOCTYPE html>\\x0a”'],
  ['a table', 'A,B\n1,2\n', '“A,B\\x0a1,2\\x0a”'],
  ['nothing', '', '“”'],
] as const)
  test(`the error for ${what} under a name of HDF5 says what the file starts with`, async () => {
    const bytes = Buffer.from(file);
    const scene = { key: 'a.h5', size: bytes.length, range: rangesIn(bytes), chunks: inOneChunk(bytes) };
    const reading = makeReadChips(await readSmallModel(), SCENE_LIMITS)(scene, () => undefined, [
      cubeFormat,
      ...FORMATS,
    ]);
    const found = `a.h5: found ${bytes.length} bytes without HDF5's signature, which start with ${start}. Send HDF5`;
    await assert.rejects(reading, (error: Error) => error.message.startsWith(found));
  });

describe('a file is refused', () => {
  const whole = bytesOf(all[2]!.file);
  const damaged = bytesOf(others['deflate']!);
  damaged.fill(0x55, damaged.length - 200, damaged.length - 100);
  const filter = (name: string) =>
    new RegExp(
      `the variable “b02” has the filter “[^”]*${name}[^”]*” \\(\\d+\\), allowed are values .* deflate, .*h5repack`,
      'i',
    );
  const cases: [what: string, bytes: Uint8Array, message: RegExp, size?: number][] = [
    ['with Zstandard', bytesOf(others['zstd']!), filter('zstd')],
    ['with LZF', bytesOf(others['lzf']!), filter('lzf')],
    ['with szip', bytesOf(others['szip']!), filter('(szip|bzip2)')],
    ['with variables in other files', bytesOf(others['virtual']!), /“b02” is virtual, allowed are values in the file/],
    [
      'of floats of 16 bits',
      bytesOf(others['half']!),
      /found values of float16 in the variable “b02”, allowed are uint8, .*: python -c "import xarray; .*'a\.nc', engine='h5netcdf'.*astype\('float32'\)/,
    ],
    ['of variables without values', bytesOf(others['empty']!), /found 0 × 6 values in the variable “b02”, allowed/],
    ['of several dates', bytesOf(others['dates']!), /2 values along the dimension “time”.*isel\(time=\[0\]\)/],
    ['that is cut short', whole.subarray(0, whole.length - 500), /can not be opened as HDF5: .*truncated/],
    ['of a signature alone', whole.subarray(0, 16), /can not be opened as HDF5/],
    ['with a damaged chunk', damaged, /the variable “b02” can not be decoded/],
    ['that is too large', whole, /allowed are at most \d+\. Convert its bands.*gdal_translate/, MAX_HDF5_BYTES + 1],
  ];
  for (const [what, bytes, message, size] of cases)
    test(what, () =>
      assert.rejects(readAll(bytes, ['b02'], size), (error: Error) => {
        assert.equal(error.name, 'InvalidSceneFile');
        assert.match(error.message, message);
        return true;
      }),
    );

  for (const what of ['NetCDF4 of uint16', 'with checksums'])
    test(`or has its own values, ${what}, whichever byte of its chunks is damaged`, async () => {
      const { file, bands } = all.find((one) => one.what === what)!;
      const good = bytesOf(file);
      const isZlib = (at: number) => good[at] === 0x78 && (256 * good[at]! + good[at + 1]!) % 31 === 0;
      const unpacked = (at: number) => orElse(0, () => inflateSync(good.subarray(at)).length);
      const starts = [...good.keys()].filter((at) => isZlib(at) && unpacked(at) >= 40); // 4 × 5 values
      assert.equal(starts.length, 9);
      let refused = 0;
      for (const start of starts)
        for (let at = start; at < start + 44; at += 23) {
          const damaged = good.with(at, good[at]! ^ (1 << (at % 8)));
          const read = await readAll(damaged, ['b02']).catch(onError(InvalidSceneFile, () => null));
          if (read === null) refused += 1;
          else assert.deepEqual(Array.from(read.pixels[0]!, inJson), bands['b02'], `byte ${at}`);
        }
      assert.ok(refused > 14, `${refused}`);
    });

  test('but not booleans, which are read as 0 and 1', async () => {
    const { raster, pixels } = await readAll(bytesOf(others['bool']!), ['b02']);
    assert.equal(raster.type, 'uint8');
    assert.deepEqual(
      Array.from(pixels[0] as Uint8Array),
      Array.from({ length: 24 }, (_, i) => Number(i % 3 === 0)),
    );
  });

  test('and the next is read all the same, in the same process', async () => {
    const { file, bands } = all[0]!;
    assert.deepEqual(Array.from((await readAll(bytesOf(file), ['b02'])).pixels[0]!, inJson), bands['b02']);
  });
});
