import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openJp2 } from '../../../../test/jpeg2000.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { makeRasterValues } from '../../raster/raster.ts';
import { readGml } from './gml.ts';
import vectors from './jpeg2000.vectors.json' with { type: 'json' };

const named = (what: string) => {
  const found = vectors.pictures.find((one) => one.what === what);
  return new Uint8Array(Buffer.from(found!.file, 'base64'));
};

async function readWhole(file: Uint8Array, limits = {}) {
  const { width, height, type, read } = await openJp2(file, { maxBlockBytes: 2 ** 20, cacheBytes: 2 ** 20, ...limits });
  if (width * height > 2 ** 20) return;
  await read({ x: 0, y: 0, width, height }, [0], [makeRasterValues(type, width * height)]);
}

async function isRefused(file: Uint8Array, message: RegExp, limits = {}): Promise<void> {
  const before = process.hrtime.bigint();
  await assert.rejects(readWhole(file, limits), (error: Error) => {
    assert.ok(error instanceof InvalidSceneFile, String(error.stack));
    assert.match(error.message, message);
    return true;
  });
  assert.ok(Number(process.hrtime.bigint() - before) < 2e9);
}

/** The file with some bytes behind a marker written over. */
function edited(marker: number, edit: (segment: Buffer) => void, what = 'uint8'): Uint8Array {
  const copy = Buffer.from(named(what));
  edit(copy.subarray(copy.indexOf(Buffer.of(0xff, marker), copy.indexOf(Buffer.of(0xff, 0x4f, 0xff, 0x51)))));
  return new Uint8Array(copy);
}

const [SIZ, COD, SOT] = [0x51, 0x52, 0x90];

describe('a file is refused, in bounded time and memory:', () => {
  const codestream = named('a codestream alone');
  const jp2 = named('uint8');
  const box = Buffer.from(jp2).indexOf('jp2h') - 4;
  const cases: [what: string, file: Uint8Array, message: RegExp, limits?: object][] = [
    ['that is empty', new Uint8Array(), /^a\.jp2: is damaged|is a JP2 without a codestream/],
    ['that has no codestream', jp2.subarray(0, box), /is a JP2 without a codestream/],
    ['whose box has no length', jp2.with(box + 3, 3).with(box + 2, 0), /found a box at byte \d+ that has no length/],
    ['whose box extends beyond the end', jp2.with(box + 1, 9), /its box at byte \d+ has \d+ bytes, the file ends/],
    ['that is no JPEG 2000', codestream.with(1, 0), /found a box at byte 0|is cut short/],
    ['of no pixels', edited(SIZ, (siz) => siz.writeUInt32BE(0, 6)), /it states an impossible image size/],
    ['of tiles without pixels', edited(SIZ, (siz) => siz.writeUInt32BE(0, 22)), /it states an impossible image size/],
    [
      'that is huge',
      edited(SIZ, (siz) => siz.writeBigUInt64BE(2n ** 64n - 1n, 6)),
      /found 4294967295 × 4294967295 pixels, allowed/,
    ],
    [
      'of too many tiles',
      edited(SIZ, (siz) => siz.writeBigUInt64BE((2n ** 32n + 1n) * 10_000n, 6)),
      /found 97969 tiles, allowed are at most 65535\. Send it as a GeoTIFF/,
    ],
    [
      'of tiles that are large',
      named('uint8'),
      /found tiles of 32 × 32 pixels, .* 4096 bytes each .*gdal_translate/,
      { maxBlockBytes: 4000 },
    ],
    [
      'of far too many packets',
      edited(COD, (cod) => cod.writeUInt16BE(65535, 6)),
      /and \d{6} packets, .*gdal_translate/,
      { maxBlockBytes: 2 ** 17 },
    ],
    ['of bands of other sizes', edited(SIZ, (siz) => siz.writeUInt8(2, 41)), /found a band 0 of fewer pixels/],
    ['of 17 bits', edited(SIZ, (siz) => siz.writeUInt8(16, 40)), /found values of 17 bits, allowed are 1 to 16/],
    [
      'of bands of several types',
      edited(SIZ, (siz) => siz.writeUInt8(9, 43), '2 bands'),
      /found bands of several types/,
    ],
    ['of no band', edited(SIZ, (siz) => siz.writeUInt16BE(0, 38)), /is damaged in its SIZ/],
    [
      'of a tile that does not exist',
      edited(SOT, (sot) => sot.writeUInt16BE(99, 4)),
      /tile-part 0 at byte \d+: is of the tile 99, found are 4/,
    ],
    ['of a tile-part that is too short', edited(SOT, (sot) => sot.writeUInt32BE(5, 6)), /is damaged: it has 5 bytes/],
    [
      'of a tile-part that is too long',
      edited(SOT, (sot) => sot.writeUInt32BE(2 ** 31, 6)),
      /tile-part 0 at byte \d+: is cut short/,
    ],
    ['whose tile is another one', edited(SOT, (sot) => sot.writeUInt16BE(1, 4)), /is damaged/],
    ['whose tile is damaged', edited(SOT, (sot) => sot.fill(0xff, 14, 60)), /tile 0: is damaged: its JPEG 2000: /],
  ];
  for (const [what, file, message, limits] of cases) test(what, () => isRefused(file, message, limits));
});

describe('a file that is cut, wherever, is refused:', () => {
  for (const what of [
    'uint8',
    'one tile',
    'a codestream alone',
    'RPCL, several tile-parts',
    'layers, markers and precincts',
  ])
    test(what, async () => {
      const whole = named(what);
      const step = Math.max(1, Math.floor(whole.length / 40));
      for (let end = whole.length - 3; end > 12; end -= step)
        await isRefused(whole.slice(0, end), /cut short|damaged|without a codestream/);
    });
});

test('GML without a grid, or with a damaged one, gives no location', () => {
  for (const xml of [
    '',
    '<a>',
    '<RectifiedGrid>',
    '<RectifiedGrid><pos>1</pos><offsetVector>1 0</offsetVector><offsetVector>0 1</offsetVector>',
  ])
    assert.equal(readGml(xml), null);
  assert.equal(readGml('<'.repeat(2 ** 20)), null);
});

describe('the code of a coordinate system is recognised in any notation:', () => {
  for (const [name, code] of [
    ['urn:ogc:def:crs:EPSG::32629', 32629],
    ['urn:ogc:def:crs:EPSG:9.9.1:4326', 4326],
    ['EPSG:3857', 3857],
    ['http://www.opengis.net/def/crs/EPSG/0/4326', 4326],
    ['http://www.opengis.net/gml/srs/epsg.xml#25832', 25832],
    ['gmljp2://xml/CRSDictionary.gml#ogrcrs1', null],
    ['urn:ogc:def:crs:OGC::CRS84', null],
  ] as const)
    test(name, () => {
      const vectors = '<gml:offsetVector>1 0</gml:offsetVector><gml:offsetVector>0 -1</gml:offsetVector>';
      const xml = `<gml:RectifiedGrid><gml:Point srsName="${name}"><gml:pos>5 7</gml:pos></gml:Point>${vectors}`;
      assert.deepEqual(readGml(xml), { transform: [4.5, 1, 0, 7.5, 0, -1], code });
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
        await readWhole(damaged);
        read += 1;
      } catch (error) {
        if (!(error instanceof InvalidSceneFile)) throw error;
        assert.match(error.message, /^a\.jp2: /);
        refused += 1;
      }
    }),
    { numRuns: 800, seed: 17 },
  );
  assert.ok(read > 100 && refused > 100, `${read} read, ${refused} refused`);
});
