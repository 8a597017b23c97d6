import { makeCrcLoop } from './crc32cLoop.ts';

/**
 * Returns the CRC-32C (Castagnoli) of `bytes`, the checksum of RFC 3720 (iSCSI), appendix B.4, as an unsigned 32-bit
 * number. For data in pieces, `previous` is the checksum of everything before: `crc32c(b, crc32c(a))` equals the checksum
 * of a and b joined.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const { length } = bytes;
  let crc = ~previous;
  let at = 0;
  if (length >= WORTH_A_CALL) {
    for (; at < length; at += loop.window.length) {
      const piece = bytes.subarray(at, at + loop.window.length);
      loop.window.set(piece);
      crc = loop.run(piece.length, crc);
    }
  }
  for (; at < length; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/**
 * Returns the masked form in which TFRecord stores a checksum: rotated right by 15 bits, plus a constant. The mask is there
 * because computing the CRC of data that contains its own CRC is problematic (TensorFlow, `tsl/lib/hash/crc32c.h`).
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** From this many bytes on, WebAssembly saves more than the call costs. */
const WORTH_A_CALL = 64;

/**
 * Slicing by 16: `table[256 * n + b]` is the contribution of byte `b` followed by `n` zero bytes, so 16 bytes are looked up
 * in parallel rather than in sequence.
 */
const table = new Int32Array(16 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0); // the polynomial, bits reversed
  table[byte] = crc;
}
for (let at = 256; at < table.length; at++) {
  const previous = table[at - 256]!;
  table[at] = (previous >>> 8) ^ table[previous & 0xff]!;
}

const loop = makeCrcLoop(table);
