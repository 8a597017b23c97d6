import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { describeStart } from './fileStart.ts';

const starts: [bytes: Uint8Array, description: string][] = [
  [Buffer.from('id,label,B1\n1,0,5'), '“id,label,B1\\x0a1,0,”, like text'],
  [Buffer.from('\ufeffGröße', 'utf8'), '“\\xef\\xbb\\xbfGr\\xc3\\xb6\\xc3\\x9fe”, like text'],
  [Buffer.from('a "b" \\c'), '“a \\x22b\\x22 \\x5cc”, like text'],
  [Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), '“\\x89PNG\\x0d\\x0a\\x1a\\x0a”, like a PNG image'],
  [Buffer.from('\xff\xd8\xff\xe0', 'latin1'), '“\\xff\\xd8\\xff\\xe0”, like a JPEG image'],
  [Buffer.from('II*\0\x08\0', 'latin1'), '“II*\\x00\\x08\\x00”, like a TIFF image'],
  [Buffer.from('MM\0*', 'latin1'), '“MM\\x00*”, like a TIFF image'],
  [Buffer.from('MM\0+', 'latin1'), '“MM\\x00+”, like a BigTIFF image'],
  [Buffer.from('II+\0', 'latin1'), '“II+\\x00”, like a BigTIFF image'],
  [Buffer.from('GIF89a\x01\0', 'latin1'), '“GIF89a\\x01\\x00”, like a GIF image. Save one of its pictures as PNG'],
  [
    Buffer.from('BM\x46\0\0\0\0\0\0\0\x36\0', 'latin1'),
    '“BMF\\x00\\x00\\x00\\x00\\x00\\x00\\x006\\x00”, like a BMP image. Save it as PNG',
  ],
  [
    Buffer.from('\0\0\0\x1cftypavif', 'latin1'),
    '“\\x00\\x00\\x00\\x1cftypavif”, like an AVIF photo. Convert it to JPEG (heif-convert in.avif out.jpg)',
  ],
  [Buffer.from('\x89HDF\r\n', 'latin1'), '“\\x89HDF\\x0d\\x0a”, like an HDF5 file'],
  [Buffer.from('\x93NUMPY\x01', 'latin1'), '“\\x93NUMPY\\x01”, like a NumPy file'],
  [Buffer.from('PK\x03\x04', 'latin1'), '“PK\\x03\\x04”, like a zip archive'],
  [Buffer.from('PAR1\x15\x04', 'latin1'), '“PAR1\\x15\\x04”, like a Parquet file'],
  [gzipSync('x').subarray(0, 3), '“\\x1f\\x8b\\x08”, like gzip'],
  ...[1, 5, 6, 9].map((level, i): [Uint8Array, string] => [
    deflateSync('x', { level }).subarray(0, 2),
    `“x${['\\x01', '^', '\\x9c', '\\xda'][i]}”, like zlib`,
  ]),
  [Buffer.from([0, 1, 2]), '“\\x00\\x01\\x02”'],
  [new Uint8Array(), '“”'],
];

for (const [bytes, description] of starts) {
  test(`a file that starts with ${description}`, () => {
    assert.equal(describeStart(bytes), description);
  });
}
