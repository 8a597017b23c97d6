import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { isRefused } from '../../../test/benches/sceneFiles.ts';
import { kindOf, openImage } from '../../../test/images.ts';
import vectors from './image.vectors.json' with { type: 'json' };

const named = (what: string) => {
  const found = vectors.pictures.find((one) => one.what === what);
  return new Uint8Array(Buffer.from(found!.file, 'base64'));
};

const isRefusedAs = (kind: Parameters<typeof openImage>[0], file: Uint8Array, message: RegExp) =>
  isRefused(() => openImage(kind, file, { maxBlockBytes: 2 ** 20, cacheBytes: 0 }), message);

const chunk = (name: string, body: Uint8Array) => {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const bytes = Buffer.alloc(8 + named.length);
  bytes.writeUInt32BE(body.length);
  bytes.set(named, 4);
  bytes.writeUInt32BE(crc32(named), 4 + named.length);
  return bytes;
};

type Parts = { header?: readonly number[]; values?: Uint8Array; more?: readonly Uint8Array[] };

/** A PNG of 2 × 2 pixels of grey. */
function png({ header = [], values = deflateSync(Uint8Array.of(0, 1, 2, 0, 3, 4)), more = [] }: Parts): Uint8Array {
  const usual = [0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, 0];
  const body = Uint8Array.from([...header, ...usual.slice(header.length)]);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const ends = [chunk('IDAT', values), chunk('IEND', new Uint8Array())];
  return new Uint8Array(Buffer.concat([signature, chunk('IHDR', body), ...more, ...ends]));
}

test('the undamaged small file is read', async () => {
  const raster = await openImage('PNG', png({}));
  const into = new Uint8Array(4);
  await raster.read({ x: 0, y: 0, width: 2, height: 2 }, [0], [into]);
  assert.deepEqual([...into], [1, 2, 3, 4]);
});

describe('a PNG is refused, in bounded time and memory:', () => {
  const cases: [file: Uint8Array, message: RegExp][] = [
    [png({ header: [0, 0, 0, 0] }), /found 0 × 2 pixels/],
    [png({ header: [0x7f, 255, 255, 255, 0x7f, 255, 255, 255] }), /found 2147483647 × 2147483647 pixels, /],
    [
      png({ header: [0, 0, 16, 0, 0, 0, 16, 0] }),
      /found 4096 × 4096 pixels, 16777216 bytes as they are decoded, .*allowed are at most 1048576 .*gdal_translate/,
    ],
    [png({ header: [0, 0, 2, 0, 0, 0, 4, 0] }), /its \d+ bytes of values cannot hold 525312/],
    [png({ values: deflateSync(new Uint8Array(2 ** 27)) }), /holds more than its 6 bytes of values/],
    [png({ values: deflateSync(new Uint8Array(5)) }), /found 5 of its 6 bytes of values/],
    [png({ values: Uint8Array.of(1, 2, 3, 4, 5, 6, 7) }), /its values do not unpack: /],
    [png({ values: new Uint8Array() }), /its 0 bytes of values cannot hold 6/],
    [png({ values: deflateSync(Uint8Array.of(5, 1, 2, 0, 3, 4)) }), /found the filter 5 in row 0/],
    [png({ header: [0, 0, 0, 2, 0, 0, 0, 2, 8, 1] }), /found the colour type 1 with 8 bits/],
    [png({ header: [0, 0, 0, 2, 0, 0, 0, 2, 4, 2] }), /found the colour type 2 with 4 bits/],
    [png({ header: [0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, 2] }), /the interlace 2, which/],
    [png({ header: [0, 0, 0, 2, 0, 0, 0, 2, 8, 3] }), /it has no palette/],
    [png({ more: [chunk('tRNS', new Uint8Array(1))] }), /found 1 bytes of tRNS, allowed are 2/],
    [png({ more: [chunk('CgBI', new Uint8Array(4))] }), /found a chunk at byte 33 without/],
    [png({}).with(30, 1), /the checksum of its chunk at byte 8 does not match/],
    [png({}).with(12, 0x69), /the checksum of its chunk at byte 8/],
  ];
  for (const [file, message] of cases) test(String(message), () => isRefusedAs('PNG', file, message));
});

describe('a JPEG is refused, in bounded time and memory:', () => {
  const file = named('JPEG, 3 bands');
  const edited = (edit: (frame: Buffer) => void) => {
    const copy = Buffer.from(file);
    edit(copy.subarray(copy.indexOf(Buffer.of(0xff, 0xc0))));
    return new Uint8Array(copy);
  };
  const scan = file.subarray(Buffer.from(file).indexOf(Buffer.of(0xff, 0xda)));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(file.length);
  const behind = (bytes: number) =>
    new Uint8Array(Buffer.concat([file, bytes === 0 ? Buffer.of() : deflateSync(Buffer.alloc(bytes)), length]));
  const cases: [file: Uint8Array, message: RegExp][] = [
    [edited((frame) => frame.writeUInt32BE(0xffffffff, 5)), /found 65535 × 65535 pixels, 17179344900 bytes/],
    [edited((frame) => frame.writeUInt16BE(0, 5)), /found 45 × 0 pixels/],
    [edited((frame) => frame.writeUInt8(12, 4)), /found a JPEG of 12 bits a value/],
    [edited((frame) => frame.writeUInt8(0xc3, 1)), /found a JPEG whose coding is 3/],
    [edited((frame) => frame.writeUInt8(2, 9)), /found a JPEG of 2 components, allowed are 1/],
    [new Uint8Array(Buffer.concat([file, ...Array<Uint8Array>(500).fill(scan)])), /found more than 500 scans/],
    [behind(1000), /the mask behind its JPEG does not unpack: Cannot create a Buffer larger than 222 bytes/],
    [behind(100), /the mask behind its JPEG has 100 bytes, its picture needs 209/],
    [behind(0), /the mask behind its JPEG does not unpack: unexpected end of file/],
  ];
  for (const [damaged, message] of cases) test(String(message), () => isRefusedAs('JPEG', damaged, message));
});

describe('a WebP is refused:', () => {
  const file = named('WebP, 4 bands');
  const cases: [file: Uint8Array, message: RegExp][] = [
    [file.with(24, 9), /it says 10 × 37 pixels, its picture has 45 × 37/],
    [new Uint8Array(Buffer.from('RIFF\x0c\0\0\0WEBPABCD\0\0\0\0', 'latin1')), /it has no picture/],
    [named('WebP, 3 bands').with(23, 0), /its VP8 has no key frame/],
    [named('WebP, 3 bands, lossless').with(20, 0), /its VP8L has no signature/],
    [named('WebP, 3 bands, lossless').fill(0xff, 25), /its WebP does not decode/],
  ];
  for (const [damaged, message] of cases) test(String(message), () => isRefusedAs('WebP', damaged, message));
});

describe('a file that is cut, wherever, is refused, and never filled with grey:', () => {
  for (const { what, file } of vectors.pictures.filter((_, i) => i % 4 === 0))
    test(what, async () => {
      const whole = new Uint8Array(Buffer.from(file, 'base64'));
      const step = Math.max(1, Math.floor(whole.length / 40));
      for (let end = whole.length - 1; end > 12; end -= end > whole.length - 8 ? 1 : step)
        await isRefusedAs(kindOf(what), whole.slice(0, end), /^a\.png: .*(cut short|damaged)/);
    });
});
