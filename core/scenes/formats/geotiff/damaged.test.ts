import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { deflateSync, inflateSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { type Fields, makeTiff, openBytes, type TiffSpec } from '../../../../test/tiff.ts';
import type { RasterWindow } from '../../../arrays/window.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { makeRasterValues, type Raster } from '../../raster/raster.ts';
import vectors from './geotiff.vectors.json' with { type: 'json' };

const GREY: Fields = { ImageWidth: [4], ImageLength: [2], BitsPerSample: [8], RowsPerStrip: [2] };
const PIXELS = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const tiff = (fields: Fields, blocks: readonly Uint8Array[] = [PIXELS], more: Partial<TiffSpec> = {}) =>
  makeTiff({ directories: [{ ...GREY, ...fields }], blocks, ...more });

async function readBand(raster: Raster, window: RasterWindow, band = 0) {
  const into = makeRasterValues(raster.type, window.width * window.height);
  await raster.read(window, [band], [into]);
  return into;
}
const readWhole = async (file: Uint8Array) => {
  const raster = await openBytes(file);
  return readBand(raster, { x: 0, y: 0, width: raster.width, height: raster.height });
};

test('the undamaged small file is read', async () => {
  for (const isBig of [false, true]) assert.deepEqual(await readWhole(tiff({}, [PIXELS], { isBig })), PIXELS);
  assert.deepEqual(await readWhole(tiff({ Compression: [8] }, [deflateSync(PIXELS)])), PIXELS);
  assert.deepEqual(await readWhole(tiff({ Compression: [50000] }, [zstdCompressSync(PIXELS)])), PIXELS);
});

describe('a file is refused, in bounded time and memory:', () => {
  const deflated = deflateSync(PIXELS);
  const zeros = new Uint8Array(2 ** 26);
  const noGoodLzw = Uint8Array.of(0x80, 0x3f, 0xff, 0xff); // a clear code, 0, and codes that stand for nothing
  const cases: [what: string, file: Uint8Array, message: RegExp][] = [
    ['that is empty', new Uint8Array(), /^a\.tif: is not a TIFF/],
    ['that is something else', Buffer.from('GIF89a, whatever'), /^a\.tif: is not a TIFF/],
    ['that ends in its header', tiff({}).subarray(0, 7), /^a\.tif: is cut short in its header/],
    [
      'that ends in the header of a BigTIFF',
      tiff({}, [PIXELS], { isBig: true }).subarray(0, 15),
      /is cut short in its header/,
    ],
    ['that has no directory', Buffer.from('II*\0\0\0\0\0'), /^a\.tif: is a TIFF without a directory/],
    [
      'whose first directory is beyond its end',
      Buffer.from('II*\0\xff\0\0\0', 'latin1'),
      /directory 0 at byte 255: is cut short/,
    ],
    ['whose directory leads back to itself', tiff({}, [PIXELS], { next: 8 }), /directory 1 at byte 8: was read before/],
    ['whose directory is cut', tiff({}).subarray(0, 40), /directory 0 at byte 8: is cut short/],
    [
      'that says that a directory has a great many entries',
      Buffer.from('49492b000800000010000000000000000000000000000020', 'hex'),
      /directory 0 at byte 16: found \d+ entries, allowed are at most 4096/,
    ],
    [
      'whose directories never end',
      makeTiff({ directories: [GREY, ...Array<Fields>(256).fill({})], blocks: [PIXELS] }),
      /found more than 256 directories, .*gdal_translate/,
    ],
    [
      'that says that a tag has 2^31 values',
      tiff({}, [PIXELS], { count: (tag, count) => (tag === 'StripOffsets' ? 2 ** 31 : count) }),
      /found 2147483648 values of StripOffsets, allowed are at most/,
    ],
    [
      'that says that a text has 2^31 bytes',
      tiff({ GdalMetadata: 'a text' }, [PIXELS], { count: (tag, count) => (tag === 'GdalMetadata' ? 2 ** 31 : count) }),
      /found 2147483648 bytes of GdalMetadata, allowed are at most 1048576/,
    ],
    [
      'whose text is beyond its end',
      tiff({ GdalMetadata: 'a text' }, [PIXELS], { count: (tag, count) => (tag === 'GdalMetadata' ? 5000 : count) }),
      /GdalMetadata at byte \d+: is cut short/,
    ],
    ['without a width', makeTiff({ directories: [{ ImageLength: [2] }] }), /directory 0 at byte 8: has no ImageWidth/],
    ['with a width of 0', tiff({ ImageWidth: [0] }), /found 0 as ImageWidth, allowed are whole numbers from 1/],
    [
      'of too many pixels',
      tiff({ ImageWidth: [2 ** 31], ImageLength: [2 ** 31] }),
      /found 2147483648 × 2147483648 pixels, allowed/,
    ],
    ['of too many bands', tiff({ SamplesPerPixel: [1001] }), /found 1001 bands, allowed are at most 1000/],
    [
      'of bands of several types',
      tiff({ SamplesPerPixel: [2], BitsPerSample: [8, 16] }),
      /found 8 and 16 as BitsPerSample, allowed is one/,
    ],
    ['with an unsupported value size', tiff({ BitsPerSample: [33] }), /found uint of 33 bits, allowed/],
    ['with an unknown sample format', tiff({ SampleFormat: [9] }), /found SampleFormat 9 of 8 bits, allowed/],
    ['in an unknown order', tiff({ PlanarConfiguration: [3] }), /found PlanarConfiguration 3, allowed are 1 and 2/],
    ['with reversed bit order', tiff({ FillOrder: [2] }), /found FillOrder 2, allowed is 1/],
    ['of an unknown compression', tiff({ Compression: [4711] }), /found compression 4711 \(unknown\), allowed are/],
    [
      'of an unknown predictor',
      tiff({ Compression: [8], Predictor: [4] }),
      /found Predictor 4, allowed are 1, 2 and 3/,
    ],
    [
      'with the float predictor for integers',
      tiff({ Compression: [8], Predictor: [3] }),
      /found Predictor 3 for values of 8 bits/,
    ],
    ['of YCbCr without JPEG', tiff({ PhotometricInterpretation: [6] }), /found YCbCr without JPEG/],
    [
      'without its blocks',
      makeTiff({ directories: [{ ...GREY, StripByteCounts: [8], StripOffsets: [] }] }),
      /does not say where its blocks are/,
    ],
    [
      'with fewer blocks than it needs',
      tiff({ RowsPerStrip: [1] }),
      /found 1 values of StripByteCounts, its 2 blocks need as many/,
    ],
    [
      'of too many blocks',
      tiff({ ImageWidth: [2 ** 20], ImageLength: [2 ** 13], TileWidth: [16], TileLength: [16] }),
      /found 33554432 blocks/,
    ],
    [
      'of blocks that are too large',
      tiff({ TileWidth: [2 ** 20], TileLength: [2 ** 20], TileOffsets: [8], TileByteCounts: [8] }),
      /found blocks of 1048576 × 1048576 pixels/,
    ],
    [
      'whose block is beyond its end',
      tiff({ StripOffsets: [5000] }),
      /block 0 at byte 5000: is cut short: it has 8 bytes, the file ends at/,
    ],
    ['whose block is cut', tiff({}).subarray(0, -1), /block 0 at byte \d+: is cut short: it has 8 bytes/],
    [
      'whose block has too few bytes',
      tiff({}, [PIXELS.subarray(1)]),
      /block 0 at byte \d+: is damaged: its 7 bytes cannot hold 8/,
    ],
    [
      'whose block has a negative offset',
      tiff({ StripOffsets: Uint8Array.of(-9) }, [PIXELS], { types: { StripOffsets: 6 } }),
      /block 0 at byte -9: found 8 bytes, allowed are whole numbers/,
    ],
    [
      'whose width is not an integer',
      tiff({ ImageWidth: Buffer.from(new Float32Array([4.5]).buffer) }, [PIXELS], {
        types: { ImageWidth: 11 },
        count: (tag, count) => (tag === 'ImageWidth' ? 1 : count),
      }),
      /found 4\.5 as ImageWidth, allowed are whole numbers/,
    ],
    [
      'whose block could not hold its values',
      tiff({ Compression: [8], ImageWidth: [8192], ImageLength: [8192], RowsPerStrip: [8192] }, [deflated]),
      /block 0 at byte \d+: is damaged: its 16 bytes cannot hold 67108864 bytes/,
    ],
    [
      'whose deflate is damaged',
      tiff({ Compression: [8] }, [deflated.with(3, 0xff)]),
      /block 0 at byte \d+: is damaged: deflate: /,
    ],
    [
      'whose deflate is cut',
      tiff({ Compression: [8] }, [deflated.subarray(0, -5)]),
      /block 0 at byte \d+: is damaged: deflate: /,
    ],
    [
      'whose deflate holds less',
      tiff({ Compression: [8] }, [deflateSync(PIXELS.subarray(1))]),
      /is cut short: found 7 of its 8 bytes of values/,
    ],
    [
      'whose deflate is a bomb',
      tiff({ Compression: [8] }, [deflateSync(zeros)]),
      /its deflate holds more than its 8 bytes of values/,
    ],
    ['whose Zstd is damaged', tiff({ Compression: [50000] }, [PIXELS]), /block 0 at byte \d+: is damaged: Zstd: /],
    [
      'whose Zstd is a bomb',
      tiff({ Compression: [50000] }, [zstdCompressSync(zeros)]),
      /its Zstd holds more than its 8 bytes of values/,
    ],
    ['whose LZW has invalid codes', tiff({ Compression: [5] }, [noGoodLzw]), /found a code of LZW that has no meaning/],
    [
      'whose LZW is cut',
      tiff({ Compression: [5] }, [Uint8Array.of(0x80, 0x00, 0x00)]),
      /is cut short: found 1 of its 8 bytes/,
    ],
    [
      'whose LZW is old',
      tiff({ Compression: [5] }, [Uint8Array.of(0, 1, 2)]),
      /found old-style LZW\. Convert it: gdal_translate/,
    ],
    [
      'whose PackBits are cut',
      tiff({ Compression: [32773] }, [Uint8Array.of(7, 1, 2)]),
      /is cut short: found 2 of its 8 bytes/,
    ],
    [
      'whose JPEG block is not a JPEG',
      tiff({ Compression: [7] }, [PIXELS]),
      /block 0 at byte \d+: does not begin as a JPEG/,
    ],
    [
      'with a mask of another size',
      makeTiff({
        directories: [GREY, { ...GREY, ImageWidth: [3], NewSubfileType: [4], StripOffsets: [8], StripByteCounts: [6] }],
        blocks: [PIXELS],
      }),
      /directory 1 at byte \d+: found a mask of 3 × 2 pixels/,
    ],
    [
      'whose GeoTIFF keys lie beyond their values',
      tiff({ GeoKeyDirectory: [1, 1, 0, 1, 3072, 34736, 1, 5], GeoDoubleParams: [1] }),
      /its GeoTIFF key 3072 lies beyond the values of its tag/,
    ],
  ];
  for (const [what, file, message] of cases)
    test(what, async () => {
      const before = process.hrtime.bigint();
      await assert.rejects(readWhole(new Uint8Array(file)), (error: Error) => {
        assert.ok(error instanceof InvalidSceneFile, String(error.stack));
        assert.match(error.message, message);
        return true;
      });
      assert.ok(Number(process.hrtime.bigint() - before) < 2e9);
    });
});

const named = (what: string) => {
  const found = vectors.pictures.find((one) => one.what === what);
  return new Uint8Array(inflateSync(Buffer.from(found!.file, 'base64')));
};

describe('JPEG', () => {
  const jpeg = named('JPEG, YCbCr, tiles');
  const starts: number[] = [];
  for (let at = jpeg.indexOf(0xff); at >= 0; at = jpeg.indexOf(0xff, at + 1))
    if (jpeg[at + 1] === 0xd8) starts.push(at);
  const start = starts.at(-1)!;

  test('that is cut is refused, not filled with grey', async () => {
    const cut = jpeg.slice();
    cut.fill(0, jpeg.length - 200); // libjpeg takes it for values, and finds too many or too few
    await assert.rejects(readWhole(cut), /block 2 at byte \d+: is damaged: its JPEG: Premature end/);
  });

  test('that is damaged leaves the decoder usable', async () => {
    for (const [at, value] of [
      [4, 0xff],
      [10, 0],
      [22, 0],
    ] as const) {
      const damaged = jpeg.with(start + at, value);
      await readWhole(damaged).catch((error: Error) => assert.ok(error instanceof InvalidSceneFile, error.stack));
      await readWhole(jpeg);
    }
  });

  for (const [what, edit, message] of [
    ['of another size', (frame: Buffer) => frame.writeUInt16BE(64, 5), /found a JPEG of 32 × 64 pixels/],
    [
      'of another size that is huge',
      (frame: Buffer) => frame.writeUInt32BE(0xffffffff, 5),
      /found a JPEG of 65535 × 65535 pixels/,
    ],
    ['of 12 bits', (frame: Buffer) => frame.writeUInt8(12, 4), /found a JPEG of 12 bits a value/],
    ['without losses', (frame: Buffer) => frame.writeUInt8(0xc3, 1), /found a JPEG whose coding is 3/],
    [
      'of four components',
      (frame: Buffer) => frame.writeUInt8(4, 9),
      /found a JPEG of \d+ × \d+ pixels and 4 components, allowed are \d+ × \d+ and \d/,
    ],
  ] as const)
    test(`${what} is refused`, async () => {
      const edited = Buffer.from(jpeg);
      edit(edited.subarray(edited.indexOf(Buffer.of(0xff, 0xc0), start)));
      await assert.rejects(readWhole(new Uint8Array(edited)), message);
    });
});

test('a damaged file is either read or refused as InvalidSceneFile', { timeout: 120_000 }, async () => {
  const files = [
    ...vectors.pictures.filter((_, i) => i % 7 === 0).map(({ what }) => named(what)),
    ...['a COG with a mask and overviews', 'JPEG, YCbCr, tiles', 'LZW whose table is full'].map(named),
    ...['be_cog.tiff', 'model_transformation.tif'].map(
      (name) => new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url))),
    ),
  ];
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const damage = fc.record({
    file: fc.constantFrom(...files),
    // Most of what a file says of itself stands at its start or its end.
    edits: fc.array(fc.tuple(share, fc.constantFrom(1, 0.2), fc.nat(255)), { maxLength: 3 }),
    cut: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: share }),
    place: fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000)),
  });
  let [read, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, edits, cut, place: [x, y, width, height] }) => {
      const damaged = file.slice(0, Math.floor(cut * file.length));
      for (const [at, part, value] of edits) damaged[Math.floor(at * part * damaged.length)] = value;
      try {
        const raster = await openBytes(damaged, { maxBlockBytes: 2 ** 20, cacheBytes: 2 ** 20 });
        const window = { x: x % raster.width, y: y % raster.height };
        const size = {
          width: 1 + (width % Math.min(64, raster.width - window.x)),
          height: 1 + (height % Math.min(64, raster.height - window.y)),
        };
        await readBand(raster, { ...window, ...size }, x % raster.bands.length);
        read += 1;
      } catch (error) {
        if (!(error instanceof InvalidSceneFile)) throw error;
        assert.match(error.message, /^a\.tif: /);
        refused += 1;
      }
    }),
    { numRuns: 2000, seed: 15 },
  );
  assert.ok(read > 200 && refused > 200, `${read} read, ${refused} refused`);
});
