import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStart, startsAsCube } from './format.ts';

const starts: [bytes: Uint8Array, description: string][] = [
  [Buffer.from('id,label,B1\n1,0,5'), '“id,label,B1\\x0a1,0,”'],
  [Buffer.from('\ufeffGröße', 'utf8'), '“\\xef\\xbb\\xbfGr\\xc3\\xb6\\xc3\\x9fe”'],
  [Buffer.from('a "b" \\c'), '“a \\x22b\\x22 \\x5cc”'],
  [Buffer.from('GIF89a\x01\0', 'latin1'), '“GIF89a\\x01\\x00”, like a GIF image. Save one of its pictures as PNG'],
  [
    Buffer.from('BM\x46\0\0\0\0\0\0\0\x36\0', 'latin1'),
    '“BMF\\x00\\x00\\x00\\x00\\x00\\x00\\x006\\x00”, like a BMP image. Save it as PNG',
  ],
  [
    Buffer.from('\0\0\0\x1cftypavif', 'latin1'),
    '“\\x00\\x00\\x00\\x1cftypavif”, like an AVIF photo. Convert it to JPEG (heif-convert in.avif out.jpg)',
  ],
  [
    Buffer.from('\x89HDF\r\n', 'latin1'),
    '“\\x89HDF\\x0d\\x0a”, like an HDF5 file, which is a scene by its name. Name it *.nc or *.h5',
  ],
  [
    Buffer.from('MATLAB 7.3 MAT-file, Platform', 'latin1'),
    '“MATLAB 7.3 MAT-f”, like an HDF5 file, which is a scene by its name. Name it *.nc or *.h5',
  ],
  ...['ARROW1', 'FEA1', 'ORC', 'Obj\x01'].map((start): [Uint8Array, string] => [
    Buffer.from(start),
    `“${start.replace('\x01', '\\x01')}”, like a table in Arrow (Feather), ORC or Avro. Write it as Parquet`,
  ]),
  ...['EHFA_HEADER_TAG', 'PCIDSK  SDK', 'ncols        90'].map((start): [Uint8Array, string] => [
    Buffer.from(start),
    `“${start}”, like an Imagine, PCIDSK or ASCII grid. Convert it (gdal_translate in.img out.tif)`,
  ]),
  [Buffer.from([0, 1, 2]), '“\\x00\\x01\\x02”'],
  [new Uint8Array(), '“”'],
];

for (const [bytes, description] of starts) {
  test(`a file that starts with ${description}`, () => {
    assert.equal(describeStart(bytes), description);
  });
}

test('the metadata of a Zarr store may begin with the mark of UTF-8', () => {
  for (const text of ['{"zarr', '\ufeff{"zarr']) assert.equal(startsAsCube(Buffer.from(text)), 'yes');
  assert.equal(startsAsCube(Buffer.from('\ufeffa,b')), 'no');
});

test('a file that is HDF5 by its name may be so behind content of its own', () => {
  assert.equal(startsAsCube(Buffer.from('MATLAB 7.3 MAT-file'), 9999, 'a.h5'), 'yes');
  assert.equal(startsAsCube(Buffer.alloc(512), 9999, 'a.h5'), 'maybe');
  assert.equal(startsAsCube(Buffer.alloc(512), 9999, 'a.bin'), 'no');
  assert.equal(startsAsCube(Buffer.from('CDF\x01'), 9999, 'a.nc'), 'no');
});
