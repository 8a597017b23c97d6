import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isRefused } from '../../../../test/benches/sceneFiles.ts';
import { openJp2 } from '../../../../test/jpeg2000.ts';
import { makeRasterValues } from '../../raster/raster.ts';
import { readGml } from './georeference.ts';
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
  const cases: [file: Uint8Array, message: RegExp, limits?: object][] = [
    [new Uint8Array(), /^a\.jp2: is damaged|is a JP2 without a codestream/],
    [jp2.subarray(0, box), /is a JP2 without a codestream/],
    [jp2.with(box + 3, 3).with(box + 2, 0), /found a box at byte \d+ that has no length/],
    [jp2.with(box + 1, 9), /its box at byte \d+ has \d+ bytes, the file ends/],
    [codestream.with(1, 0), /found a box at byte 0|is cut short/],
    [edited(SIZ, (siz) => siz.writeUInt32BE(0, 6)), /it states an impossible image size/],
    [edited(SIZ, (siz) => siz.writeUInt32BE(0, 22)), /it states an impossible image size/],
    [edited(SIZ, (siz) => siz.writeBigUInt64BE(2n ** 64n - 1n, 6)), /found 4294967295 × 4294967295 pixels, allowed/],
    [
      edited(SIZ, (siz) => siz.writeBigUInt64BE((2n ** 32n + 1n) * 10_000n, 6)),
      /found 97969 tiles, allowed are at most 65535\. Send it as a GeoTIFF/,
    ],
    [named('uint8'), /found tiles of 32 × 32 pixels, .* 4096 bytes each .*gdal_translate/, { maxBlockBytes: 4000 }],
    [
      edited(COD, (cod) => cod.writeUInt16BE(65535, 6)),
      /and \d{6} packets, .*gdal_translate/,
      { maxBlockBytes: 2 ** 17 },
    ],
    [edited(SIZ, (siz) => siz.writeUInt8(2, 41)), /found a band 0 of fewer pixels/],
    [edited(SIZ, (siz) => siz.writeUInt8(16, 40)), /found values of 17 bits, allowed are 1 to 16/],
    [edited(SIZ, (siz) => siz.writeUInt8(9, 43), '2 bands'), /found bands of several types/],
    [edited(SIZ, (siz) => siz.writeUInt16BE(0, 38)), /is damaged in its SIZ/],
    [edited(SOT, (sot) => sot.writeUInt16BE(99, 4)), /tile-part 0 at byte \d+: is of the tile 99, found are 4/],
    [edited(SOT, (sot) => sot.writeUInt32BE(5, 6)), /is damaged: it has 5 bytes/],
    [edited(SOT, (sot) => sot.writeUInt32BE(2 ** 31, 6)), /tile-part 0 at byte \d+: is cut short/],
    [edited(SOT, (sot) => sot.writeUInt16BE(1, 4)), /is damaged/],
    [edited(SOT, (sot) => sot.fill(0xff, 14, 60)), /tile 0: is damaged: its JPEG 2000: /],
  ];
  for (const [file, message, limits] of cases)
    test(String(message), () => isRefused(() => readWhole(file, limits), message));
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
        await isRefused(() => readWhole(whole.slice(0, end)), /cut short|damaged|without a codestream/);
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
