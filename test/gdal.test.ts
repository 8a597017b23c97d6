import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { InvalidSceneFile } from '../core/base/errors.ts';
import { SCENE_LIMITS } from '../core/base/limits.ts';
import type { Chip } from '../core/package/package.ts';
import { HEAD_BYTES } from '../core/scenes/formats/format.ts';
import tiffs from '../core/scenes/formats/geotiff/geotiff.vectors.json' with { type: 'json' };
import { PICTURES } from '../core/scenes/formats/pictures.ts';
import images from '../core/scenes/image/image.vectors.json' with { type: 'json' };
import { inOneChunk, rangesIn } from '../core/scenes/rangesIn.ts';
import { makeRasterValues, type Raster } from '../core/scenes/raster/raster.ts';
import { makeReadChips } from '../core/scenes/readChips.ts';
import { makeScenePicture } from '../core/scenes/scenePicture.ts';
import { editedPackage, smallModel } from './benches/packages.ts';
import { encodeGeoTiff } from './geoTiff.ts';
import { makeTiff } from './tiff.ts';

/** What GDAL does with what errors advise: each command is run as it is printed, and its result is then read. */

const hasGdal = spawnSync('gdal_translate', ['--version']).status === 0;
if (!hasGdal && process.env['SWATH_GDAL'] === 'required') throw new Error('There is no GDAL.');
if (!hasGdal)
  console.error('SKIPPED: the commands that errors print are not run, because there is no GDAL (gdal-bin).');

describe('a command of GDAL that an error prints', { skip: hasGdal ? false : 'there is no GDAL' }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'swath-gdal-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (command: string) => {
    rmSync(join(folder, 'out.tif'), { force: true });
    const [program, ...args] = command.split(' ');
    execFileSync(program!, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const put = (name: string, file: Uint8Array) => writeFileSync(join(folder, name), file);
  const get = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
  /** The command at the end of an error, with the names of files in place of the documented ones. */
  const commandIn = (message: string, file: string) => {
    const [command] = /gdal\w+ .*$/.exec(message) ?? assert.fail(`no command in: ${message}`);
    return command.replace(/ in(\.\w+)? /, ` ${file} `).replace(/\.$/, '');
  };

  async function open(file: Uint8Array, maxBlockBytes = 2 ** 26): Promise<Raster> {
    const format = PICTURES.find(({ sniff }) => sniff(file.subarray(0, HEAD_BYTES), file.length) === 'yes')!;
    return format.openRaster({ key: 'a', size: file.length, range: rangesIn(file) }, { maxBlockBytes, cacheBytes: 0 });
  }

  async function readAll(raster: Raster): Promise<void> {
    const { width, height, bands, type } = raster;
    const window = { x: 0, y: 0, width: Math.min(64, width), height: Math.min(64, height) };
    await raster.read(
      window,
      [...bands.keys()],
      bands.map(() => makeRasterValues(type, window.width * window.height)),
    );
  }

  /** Makes a file of some bands, from which GDAL makes the others. */
  const grid = (values: Uint8Array | Uint16Array, width: number, bands = 1, more = {}) =>
    encodeGeoTiff({
      width,
      height: values.length / width,
      bands: Array.from({ length: bands }, () => values),
      ...more,
    });
  const slope = Uint8Array.from({ length: 48 * 40 }, (_, i) => (i * 7) % 251);
  const made = (options: string, name: string, bands = 1, source = grid(slope, 48, bands)) => {
    put('source.tif', source);
    run(`gdal_translate -q ${options} source.tif ${name}`);
    return get(name);
  };
  const size = { ImageWidth: [4], ImageLength: [1], BitsPerSample: [8], PhotometricInterpretation: [1] };
  const oneRow = (fields: object, bytes = 16) =>
    makeTiff({ directories: [{ ...size, RowsPerStrip: [1], ...fields }], blocks: [new Uint8Array(bytes).fill(9)] });
  const vectorOf = (what: string) =>
    new Uint8Array(inflateSync(Buffer.from(tiffs.refused.find((one) => one.what === what)!.file, 'base64')));

  for (const [what, name, file, maxBlockBytes] of [
    ...tiffs.refused.map(({ what }) => [`a TIFF in ${what}`, 'in.tif', () => vectorOf(what)] as const),
    ['whose bits are in the other order', 'in.tif', () => oneRow({ FillOrder: [2] })],
    ['of YCbCr without JPEG', 'in.tif', () => oneRow({ SamplesPerPixel: [3], PhotometricInterpretation: [6] })],
    ['of ICCLAB', 'in.tif', () => oneRow({ SamplesPerPixel: [3], PhotometricInterpretation: [9] })],
    ['of ITULAB', 'in.tif', () => oneRow({ SamplesPerPixel: [3], PhotometricInterpretation: [10] })],
    ['of floats of 24 bits', 'in.tif', () => oneRow({ BitsPerSample: [24], SampleFormat: [3] })],
    ['of one large block', 'in.tif', () => made('-co BLOCKYSIZE=40 -co COMPRESS=LZW', 'in.tif'), 1000],
    [
      'of too many pixels',
      'in.tif',
      () => {
        run('gdal_create -q -outsize 140000 140000 -co SPARSE_OK=TRUE -co TILED=YES -co COMPRESS=LZW in.tif');
        return get('in.tif');
      },
    ],
    [
      'of too many directories',
      'in.tif',
      () =>
        makeTiff({
          directories: Array.from({ length: 300 }, () => ({
            ...size,
            RowsPerStrip: [1],
            StripOffsets: [8],
            StripByteCounts: [4],
          })),
          blocks: [new Uint8Array(4)],
        }),
    ],
    ['of old-style LZW', 'in.tif', () => oldLzw()],
    [
      'a JPEG of CMYK',
      'in.jpg',
      () => new Uint8Array(Buffer.from(images.refused.find((one) => one.what === 'JPEG, CMYK')!.file, 'base64')),
    ],
    ['a PNG that is too large for memory', 'in.png', () => made('-of PNG', 'in.png'), 1000],
    [
      'a JPEG 2000 of 24 bits',
      'in.jp2',
      () => made('-of JP2OpenJPEG -ot UInt32 -co NBITS=24 -co QUALITY=100 -co REVERSIBLE=YES', 'in.jp2'),
    ],
    ['a JPEG 2000 of large tiles', 'in.jp2', () => made('-of JP2OpenJPEG', 'in.jp2'), 1000],
  ] as readonly (readonly [string, string, () => Uint8Array, number?])[])
    test(`makes a file that is read of one ${what}`, async () => {
      const bytes = file();
      put(name, bytes);
      const error = await open(bytes, maxBlockBytes)
        .then(readAll)
        .then(
          () => assert.fail('it was read'),
          (error: Error) => error,
        );
      assert.ok(error instanceof InvalidSceneFile, error.stack);
      run(commandIn(error.message, name));
      const most = maxBlockBytes === undefined ? undefined : 2 ** 20;
      await readAll(await open(get('out.tif'), most));
    });

  test('makes a grid of ground control points', async () => {
    const points = [
      [0, 0, 8, 51],
      [47, 0, 8.4, 51],
      [0, 39, 8, 50.7],
      [47, 39, 8.4, 50.7],
    ];
    const file = made(`-a_srs EPSG:4326 ${points.map((point) => `-gcp ${point.join(' ')}`).join(' ')}`, 'in.tif');
    const { info } = await chipsOf(file);
    assert.match(info!.crsMissing!, /^it has 4 ground control points, which place single pixels, and no grid\. /);
    run(commandIn(info!.crsMissing!, 'in.tif'));
    assert.equal((await chipsOf(get('out.tif'))).info!.crs, 'EPSG:4326');
    const few = made('-a_srs EPSG:4326 -gcp 0 0 8 51', 'few.tif');
    assert.doesNotMatch((await chipsOf(few)).info!.crsMissing!, /gdalwarp/);
  });

  test('gives a large scene an overview, of which a picture is made', async () => {
    const model = await oneBand();
    run('gdal_create -q -outsize 16400 16400 -co TILED=YES -co COMPRESS=DEFLATE -burn 7 scene.tif');
    const scene = () => {
      const file = get('scene.tif');
      return { key: 'scene.tif', size: file.length, head: file.subarray(0, HEAD_BYTES), range: rangesIn(file) };
    };
    const error = await makeScenePicture(scene(), model, 512).then(
      () => assert.fail(),
      (error: Error) => error,
    );
    run(commandIn(error.message, 'scene.tif'));
    assert.ok((await makeScenePicture(scene(), model, 512)).length > 100);
  });

  describe('a mask that GDAL writes beside a file', () => {
    for (const [what, options, bands] of [
      ['for all bands', '-mask 2', 1],
      ['in tiles', '-mask 2 -co TILED=YES -co BLOCKXSIZE=16 -co BLOCKYSIZE=16', 1],
      ['where the file has a nodata value as well', '-mask 2 -a_nodata 7', 1],
    ] as const)
      test(what, async () => {
        const opacity = slope.map((_, i) => (i % 48 < 20 ? 0 : 255));
        put('both.tif', encodeGeoTiff({ width: 48, height: 40, bands: [slope, opacity] }));
        run(`gdal_translate -q --config GDAL_TIFF_INTERNAL_MASK NO -b ${bands} ${options} both.tif a.tif`);
        const { chips } = await chipsOf(get('a.tif'), { 'a.tif.msk': get('a.tif.msk') });
        const [{ nodataShare, valid }] = chips as [Chip];
        assert.equal(nodataShare, (20 * 40) / slope.length);
        assert.deepEqual(valid && [...valid], valid && [...opacity].map((one) => (one > 0 ? 1 : 0)));
        assert.ok((await chipsOf(get('a.tif'))).chips[0]!.nodataShare! < 0.1);
      });
  });

  const oneBand = () => editedPackage(smallModel([{ name: 'A', data_type: 'uint8' }], [40, 48]));

  async function chipsOf(file: Uint8Array, beside: Readonly<Record<string, Uint8Array>> = {}) {
    const chips: Chip[] = [];
    const scene = {
      key: 'a.tif',
      size: file.length,
      range: rangesIn(file),
      chunks: inOneChunk(file),
      sibling: async (key: string) => beside[key] ?? null,
    };
    const found = await makeReadChips(await oneBand(), SCENE_LIMITS)(scene, (chip) => void chips.push(chip));
    return { chips, info: found.raster };
  }

  /** Codes of nine bits, the least significant first, cleared often enough that they never grow. */
  function oldLzw(): Uint8Array {
    const codes = [256, ...slope.subarray(0, 48), 257];
    const bytes = new Uint8Array(Math.ceil((codes.length * 9) / 8));
    for (const [i, code] of codes.entries())
      for (let bit = 0; bit < 9; bit += 1)
        if ((code >> bit) & 1) bytes[(i * 9 + bit) >> 3]! |= 1 << ((i * 9 + bit) & 7);
    const fields = { ...size, ImageWidth: [48], RowsPerStrip: [1], Compression: [5] };
    return makeTiff({ directories: [fields], blocks: [bytes] });
  }
});
