/**
 * CRC-32C (Castagnoli), the checksum of RFC 3720 (iSCSI), appendix B.4, of `bytes`, as an unsigned 32-bit number.
 * For data that comes in pieces, `previous` is the checksum of all that came before:
 * `crc32c(b, crc32c(a))` equals the checksum of a and b joined.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const { length } = bytes;
  const words = new DataView(bytes.buffer, bytes.byteOffset, length);
  let crc = ~previous;
  let at = 0;
  for (; at + 16 <= length; at += 16) {
    crc =
      shifted(12, crc ^ words.getInt32(at, true)) ^
      shifted(8, words.getInt32(at + 4, true)) ^
      shifted(4, words.getInt32(at + 8, true)) ^
      shifted(0, words.getInt32(at + 12, true));
  }
  for (; at < length; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/**
 * The form in which TFRecord stores a checksum: rotated right by 15 bits, plus a constant. The checksum of data that
 * holds its own checksum says nothing, hence the disguise (TensorFlow, `tsl/lib/hash/crc32c.h`).
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/**
 * Slicing by 16: `table[256 * n + b]` is what byte `b` adds to the checksum once `n` zero bytes have followed it, so
 * that 16 bytes are looked up side by side instead of one after the other.
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

/** What a little-endian word adds to the checksum once `zeros` zero bytes have followed it. */
function shifted(zeros: number, word: number): number {
  return (
    table[256 * (zeros + 3) + (word & 0xff)]! ^
    table[256 * (zeros + 2) + ((word >>> 8) & 0xff)]! ^
    table[256 * (zeros + 1) + ((word >>> 16) & 0xff)]! ^
    table[256 * zeros + (word >>> 24)]!
  );
}
