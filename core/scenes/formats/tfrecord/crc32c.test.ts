import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c, maskedCrc32c } from './crc32c.ts';

// RFC 3720, appendix B.4 (which prints the checksums in the order they are sent, lowest byte first); the last two are
// the check value of the CRC catalogue (reveng.sourceforge.io, CRC-32/ISCSI) and the start value.
const golden: [what: string, bytes: Uint8Array, checksum: number][] = [
  ['32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 bytes that count up', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['32 bytes that count down', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  [
    'an iSCSI SCSI Read (10) command PDU',
    Buffer.from(
      '01c0000000000000000000000000000014000000000004000000001400000018280000000000000002000000' + '00000000',
      'hex',
    ),
    0xd9963a56,
  ],
  ['"123456789"', Buffer.from('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(), 0],
];

for (const [what, bytes, checksum] of golden) {
  test(`the checksum of ${what}`, () => assert.equal(crc32c(bytes), checksum));
}

test('the checksum equals the polynomial division for bytes of any length at any offset', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400, size: 'max' }), fc.nat(20), (bytes, start) => {
      const view = bytes.subarray(start);
      assert.equal(crc32c(view), bitByBit(view));
    }),
  );
});

test('the checksum is masked as TFRecord stores it', () => {
  // The length at the start of samples/droughtwatch/part-r-00012, and the checksum that TensorFlow wrote after it.
  assert.equal(maskedCrc32c(Uint8Array.of(0x87, 0xb6, 0, 0, 0, 0, 0, 0)), 0x370bb2c9);
  // From google-crc32c 1.x (Python) and TensorFlow's formula.
  assert.equal(maskedCrc32c(Buffer.from('123456789')), 0xc78ab0e5);
});

/** The slow and obvious version: one bit at a time, polynomial 0x1edc6f41 with its bits reversed. */
function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
