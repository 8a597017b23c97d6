import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync, inflateSync, zstdCompressSync } from 'node:zlib';
import { isRefused } from '../../../../test/benches/sceneFiles.ts';
import { type Fields, makeTiff, openBytes, type TiffSpec } from '../../../../test/tiff.ts';
import type { RasterWindow } from '../../../arrays/dataTypes.ts';
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
  const cases: [file: Uint8Array, message: RegExp][] = [
    [new Uint8Array(), /^a\.tif: is not a TIFF/],
    [Buffer.from('GIF89a, whatever'), /^a\.tif: is not a TIFF/],
    [tiff({}).subarray(0, 7), /^a\.tif: is cut short in its header/],
    [tiff({}, [PIXELS], { isBig: true }).subarray(0, 15), /is cut short in its header/],
    [Buffer.from('II*\0\0\0\0\0'), /^a\.tif: is a TIFF without a directory/],
    [Buffer.from('II*\0\xff\0\0\0', 'latin1'), /directory 0 at byte 255: is cut short/],
    [tiff({}, [PIXELS], { next: 8 }), /directory 1 at byte 8: was read before/],
    [tiff({}).subarray(0, 40), /directory 0 at byte 8: is cut short/],
    [
      Buffer.from('49492b000800000010000000000000000000000000000020', 'hex'),
      /directory 0 at byte 16: found \d+ entries, allowed are at most 4096/,
    ],
    [
      makeTiff({ directories: [GREY, ...Array<Fields>(256).fill({})], blocks: [PIXELS] }),
      /found more than 256 directories, .*gdal_translate/,
    ],
    [
      tiff({}, [PIXELS], { count: (tag, count) => (tag === 'StripOffsets' ? 2 ** 31 : count) }),
      /found 2147483648 values of StripOffsets, allowed are at most/,
    ],
    [
      tiff({ GdalMetadata: 'a text' }, [PIXELS], { count: (tag, count) => (tag === 'GdalMetadata' ? 2 ** 31 : count) }),
      /found 2147483648 bytes of GdalMetadata, allowed are at most 1048576/,
    ],
    [
      tiff({ GdalMetadata: 'a text' }, [PIXELS], { count: (tag, count) => (tag === 'GdalMetadata' ? 5000 : count) }),
      /GdalMetadata at byte \d+: is cut short/,
    ],
    [makeTiff({ directories: [{ ImageLength: [2] }] }), /directory 0 at byte 8: has no ImageWidth/],
    [tiff({ ImageWidth: [0] }), /found 0 as ImageWidth, allowed are whole numbers from 1/],
    [tiff({ ImageWidth: [2 ** 31], ImageLength: [2 ** 31] }), /found 2147483648 × 2147483648 pixels, allowed/],
    [tiff({ SamplesPerPixel: [1001] }), /found 1001 bands, allowed are at most 1000/],
    [tiff({ SamplesPerPixel: [2], BitsPerSample: [8, 16] }), /found 8 and 16 as BitsPerSample, allowed is one/],
    [tiff({ BitsPerSample: [33] }), /found uint of 33 bits, allowed/],
    [tiff({ SampleFormat: [9] }), /found SampleFormat 9 of 8 bits, allowed/],
    [tiff({ PlanarConfiguration: [3] }), /found PlanarConfiguration 3, allowed are 1 and 2/],
    [tiff({ FillOrder: [2] }), /found FillOrder 2, allowed is 1/],
    [tiff({ Compression: [4711] }), /found compression 4711 \(unknown\), allowed are/],
    [tiff({ Compression: [34933] }), /found compression 34933 \(PNG\), allowed are/],
    [tiff({ Compression: [8], Predictor: [4] }), /found Predictor 4, allowed are 1, 2 and 3/],
    [tiff({ Compression: [8], Predictor: [3] }), /found Predictor 3 for values of 8 bits/],
    [tiff({ PhotometricInterpretation: [6] }), /found YCbCr without JPEG/],
    [
      makeTiff({ directories: [{ ...GREY, StripByteCounts: [8], StripOffsets: [] }] }),
      /does not say where its blocks are/,
    ],
    [tiff({ RowsPerStrip: [1] }), /found 1 values of StripByteCounts, its 2 blocks need as many/],
    [
      tiff({ ImageWidth: [2 ** 20], ImageLength: [2 ** 13], TileWidth: [16], TileLength: [16] }),
      /found 33554432 blocks/,
    ],
    [
      tiff({ TileWidth: [2 ** 20], TileLength: [2 ** 20], TileOffsets: [8], TileByteCounts: [8] }),
      /found blocks of 1048576 × 1048576 pixels/,
    ],
    [tiff({ StripOffsets: [5000] }), /block 0 at byte 5000: is cut short: it has 8 bytes, the file ends at/],
    [tiff({}).subarray(0, -1), /block 0 at byte \d+: is cut short: it has 8 bytes/],
    [tiff({}, [PIXELS.subarray(1)]), /block 0 at byte \d+: is damaged: its 7 bytes cannot hold 8/],
    [
      tiff({ StripOffsets: Uint8Array.of(-9) }, [PIXELS], { types: { StripOffsets: 6 } }),
      /block 0 at byte -9: found 8 bytes, allowed are whole numbers/,
    ],
    [
      tiff({ ImageWidth: Buffer.from(new Float32Array([4.5]).buffer) }, [PIXELS], {
        types: { ImageWidth: 11 },
        count: (tag, count) => (tag === 'ImageWidth' ? 1 : count),
      }),
      /found 4\.5 as ImageWidth, allowed are whole numbers/,
    ],
    [
      tiff({ Compression: [8], ImageWidth: [8192], ImageLength: [8192], RowsPerStrip: [8192] }, [deflated]),
      /block 0 at byte \d+: is damaged: its 16 bytes cannot hold 67108864 bytes/,
    ],
    [tiff({ Compression: [8] }, [deflated.with(3, 0xff)]), /block 0 at byte \d+: is damaged: deflate: /],
    [tiff({ Compression: [8] }, [deflated.subarray(0, -5)]), /block 0 at byte \d+: is damaged: deflate: /],
    [tiff({ Compression: [8] }, [deflateSync(PIXELS.subarray(1))]), /is cut short: found 7 of its 8 bytes of values/],
    [tiff({ Compression: [8] }, [deflateSync(zeros)]), /its deflate holds more than its 8 bytes of values/],
    [tiff({ Compression: [50000] }, [PIXELS]), /block 0 at byte \d+: is damaged: Zstd: /],
    [tiff({ Compression: [50000] }, [zstdCompressSync(zeros)]), /its Zstd holds more than its 8 bytes of values/],
    [tiff({ Compression: [5] }, [noGoodLzw]), /found a code of LZW that has no meaning/],
    [tiff({ Compression: [5] }, [Uint8Array.of(0x80, 0x00, 0x00)]), /is cut short: found 1 of its 8 bytes/],
    [tiff({ Compression: [5] }, [Uint8Array.of(0, 1, 2)]), /found old-style LZW\. Convert it: gdal_translate/],
    [tiff({ Compression: [32773] }, [Uint8Array.of(7, 1, 2)]), /is cut short: found 2 of its 8 bytes/],
    [tiff({ Compression: [7] }, [PIXELS]), /block 0 at byte \d+: does not begin as a JPEG/],
    [
      makeTiff({
        directories: [GREY, { ...GREY, ImageWidth: [3], NewSubfileType: [4], StripOffsets: [8], StripByteCounts: [6] }],
        blocks: [PIXELS],
      }),
      /directory 1 at byte \d+: found a mask of 3 × 2 pixels/,
    ],
    [
      tiff({ GeoKeyDirectory: [1, 1, 0, 1, 3072, 34736, 1, 5], GeoDoubleParams: [1] }),
      /its GeoTIFF key 3072 lies beyond the values of its tag/,
    ],
  ];
  for (const [file, message] of cases)
    test(String(message), () => isRefused(() => readWhole(new Uint8Array(file)), message));
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

  for (const [edit, message] of [
    [(frame: Buffer) => frame.writeUInt16BE(64, 5), /found a JPEG of 32 × 64 pixels/],
    [(frame: Buffer) => frame.writeUInt32BE(0xffffffff, 5), /found a JPEG of 65535 × 65535 pixels/],
    [(frame: Buffer) => frame.writeUInt8(12, 4), /found a JPEG of 12 bits a value/],
    [(frame: Buffer) => frame.writeUInt8(0xc3, 1), /found a JPEG whose coding is 3/],
    [
      (frame: Buffer) => frame.writeUInt8(4, 9),
      /found a JPEG of \d+ × \d+ pixels and 4 components, allowed are \d+ × \d+ and \d/,
    ],
  ] as const)
    test(String(message), async () => {
      const edited = Buffer.from(jpeg);
      edit(edited.subarray(edited.indexOf(Buffer.of(0xff, 0xc0), start)));
      await assert.rejects(readWhole(new Uint8Array(edited)), message);
    });
});
