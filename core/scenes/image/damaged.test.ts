import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { kindOf, openImage } from '../../../test/images.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { makeRasterValues } from '../raster/raster.ts';
import vectors from './image.vectors.json' with { type: 'json' };

const named = (what: string) => {
  const found = vectors.pictures.find((one) => one.what === what);
  return new Uint8Array(Buffer.from(found!.file, 'base64'));
};

async function isRefused(kind: Parameters<typeof openImage>[0], file: Uint8Array, message: RegExp): Promise<void> {
  const before = process.hrtime.bigint();
  await assert.rejects(openImage(kind, file, { maxBlockBytes: 2 ** 20, cacheBytes: 0 }), (error: Error) => {
    assert.ok(error instanceof InvalidSceneFile, String(error.stack));
    assert.match(error.message, message);
    return true;
  });
  assert.ok(Number(process.hrtime.bigint() - before) < 2e9);
}

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
  const cases: [what: string, file: Uint8Array, message: RegExp][] = [
    ['of no pixels', png({ header: [0, 0, 0, 0] }), /found 0 × 2 pixels/],
    [
      'that is huge',
      png({ header: [0x7f, 255, 255, 255, 0x7f, 255, 255, 255] }),
      /found 2147483647 × 2147483647 pixels, /,
    ],
    [
      'that is larger than the memory limit',
      png({ header: [0, 0, 16, 0, 0, 0, 16, 0] }),
      /found 4096 × 4096 pixels, 16777216 bytes as they are decoded, .*allowed are at most 1048576 .*gdal_translate/,
    ],
    [
      'that could not hold its values',
      png({ header: [0, 0, 2, 0, 0, 0, 4, 0] }),
      /its \d+ bytes of values cannot hold 525312/,
    ],
    [
      'whose values are a bomb',
      png({ values: deflateSync(new Uint8Array(2 ** 27)) }),
      /holds more than its 6 bytes of values/,
    ],
    ['whose values are too few', png({ values: deflateSync(new Uint8Array(5)) }), /found 5 of its 6 bytes of values/],
    ['whose values do not unpack', png({ values: Uint8Array.of(1, 2, 3, 4, 5, 6, 7) }), /its values do not unpack: /],
    ['without values', png({ values: new Uint8Array() }), /its 0 bytes of values cannot hold 6/],
    [
      'with an unknown filter',
      png({ values: deflateSync(Uint8Array.of(5, 1, 2, 0, 3, 4)) }),
      /found the filter 5 in row 0/,
    ],
    [
      'with an unknown colour type',
      png({ header: [0, 0, 0, 2, 0, 0, 0, 2, 8, 1] }),
      /found the colour type 1 with 8 bits/,
    ],
    [
      'with an unsupported bit depth',
      png({ header: [0, 0, 0, 2, 0, 0, 0, 2, 4, 2] }),
      /found the colour type 2 with 4 bits/,
    ],
    ['of an unknown interlace', png({ header: [0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, 2] }), /the interlace 2, which/],
    ['without a palette', png({ header: [0, 0, 0, 2, 0, 0, 0, 2, 8, 3] }), /it has no palette/],
    ['of a short tRNS', png({ more: [chunk('tRNS', new Uint8Array(1))] }), /found 1 bytes of tRNS, allowed are 2/],
    [
      'with an unknown critical chunk',
      png({ more: [chunk('CgBI', new Uint8Array(4))] }),
      /found a chunk at byte 33 without/,
    ],
    ['with a checksum that does not fit', png({}).with(30, 1), /the checksum of its chunk at byte 8 does not match/],
    ['without a header', png({}).with(12, 0x69), /the checksum of its chunk at byte 8/],
  ];
  for (const [what, file, message] of cases) test(what, () => isRefused('PNG', file, message));
});

describe('a JPEG is refused, in bounded time and memory:', () => {
  const file = named('JPEG, 3 bands');
  const edited = (edit: (frame: Buffer) => void) => {
    const copy = Buffer.from(file);
    edit(copy.subarray(copy.indexOf(Buffer.of(0xff, 0xc0))));
    return new Uint8Array(copy);
  };
  const scan = file.subarray(Buffer.from(file).indexOf(Buffer.of(0xff, 0xda)));
  const cases: [what: string, file: Uint8Array, message: RegExp][] = [
    [
      'that is huge',
      edited((frame) => frame.writeUInt32BE(0xffffffff, 5)),
      /found 65535 × 65535 pixels, 17179344900 bytes/,
    ],
    ['of no rows', edited((frame) => frame.writeUInt16BE(0, 5)), /found 45 × 0 pixels/],
    ['of 12 bits', edited((frame) => frame.writeUInt8(12, 4)), /found a JPEG of 12 bits a value/],
    ['without losses', edited((frame) => frame.writeUInt8(0xc3, 1)), /found a JPEG whose coding is 3/],
    ['of two components', edited((frame) => frame.writeUInt8(2, 9)), /found a JPEG of 2 components, allowed are 1/],
    [
      'of too many scans',
      new Uint8Array(Buffer.concat([file, ...Array<Uint8Array>(500).fill(scan)])),
      /found more than 500 scans/,
    ],
  ];
  for (const [what, damaged, message] of cases) test(what, () => isRefused('JPEG', damaged, message));
});

describe('a WebP is refused:', () => {
  const file = named('WebP, 4 bands');
  const cases: [what: string, file: Uint8Array, message: RegExp][] = [
    ['whose picture has another size', file.with(24, 9), /it says 10 × 37 pixels, its picture has 45 × 37/],
    ['without a picture', new Uint8Array(Buffer.from('RIFF\x0c\0\0\0WEBPABCD\0\0\0\0', 'latin1')), /it has no picture/],
    ['whose picture has no valid start', named('WebP, 3 bands').with(23, 0), /its VP8 has no key frame/],
    ['without its signature', named('WebP, 3 bands, lossless').with(20, 0), /its VP8L has no signature/],
    ['whose values are damaged', named('WebP, 3 bands, lossless').fill(0xff, 25), /its WebP does not decode/],
  ];
  for (const [what, damaged, message] of cases) test(what, () => isRefused('WebP', damaged, message));
});

describe('a file that is cut, wherever, is refused, and never filled with grey:', () => {
  for (const { what, file } of vectors.pictures.filter((_, i) => i % 4 === 0))
    test(what, async () => {
      const whole = new Uint8Array(Buffer.from(file, 'base64'));
      const step = Math.max(1, Math.floor(whole.length / 40));
      for (let end = whole.length - 1; end > 12; end -= end > whole.length - 8 ? 1 : step)
        await isRefused(kindOf(what), whole.slice(0, end), /^a\.png: .*(cut short|damaged)/);
    });
});

test('a damaged file is either read or refused as InvalidSceneFile', { timeout: 120_000 }, async () => {
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const damage = fc.record({
    picture: fc.constantFrom(...vectors.pictures),
    edits: fc.array(fc.tuple(share, fc.constantFrom(1, 0.2), fc.nat(255)), { maxLength: 3 }),
  });
  let [read, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(damage, async ({ picture, edits }) => {
      const damaged = new Uint8Array(Buffer.from(picture.file, 'base64'));
      for (const [at, part, value] of edits) damaged[Math.floor(at * part * damaged.length)] = value;
      try {
        const {
          width,
          height,
          type,
          read: readWindow,
        } = await openImage(kindOf(picture.what), damaged, { maxBlockBytes: 2 ** 20, cacheBytes: 0 });
        await readWindow({ x: 0, y: 0, width, height }, [0], [makeRasterValues(type, width * height)]);
        read += 1;
      } catch (error) {
        if (!(error instanceof InvalidSceneFile)) throw error;
        assert.match(error.message, /^a\.png: /);
        refused += 1;
      }
    }),
    { numRuns: 1500, seed: 17 },
  );
  assert.ok(read > 200 && refused > 200, `${read} read, ${refused} refused`);
});
