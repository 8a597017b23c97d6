/** Returns the CRC-32C (Castagnoli) of `bytes` by RFC 3720 (iSCSI), appendix B.4, as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  let crc = -1;
  let at = 0;
  for (; at + 16 <= length; at += 16)
    crc =
      slice(crc ^ view.getInt32(at, true), 12) ^
      slice(view.getInt32(at + 4, true), 8) ^
      slice(view.getInt32(at + 8, true), 4) ^
      slice(view.getInt32(at + 12, true), 0);
  for (; at < length; at += 1) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** Returns what the four bytes of `word` contribute when followed by `zeros` zero bytes. */
const slice = (word: number, zeros: number): number =>
  table[((zeros + 3) << 8) | (word & 0xff)]! ^
  table[((zeros + 2) << 8) | ((word >>> 8) & 0xff)]! ^
  table[((zeros + 1) << 8) | ((word >>> 16) & 0xff)]! ^
  table[(zeros << 8) | (word >>> 24)]!;

/**
 * Returns the masked form in which TFRecord stores a checksum: rotated right by 15 bits, plus a constant. The mask is there
 * because computing the CRC of data that contains its own CRC is problematic (TensorFlow, `tsl/lib/hash/crc32c.h`).
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Slicing by 16: `table[256 * n + b]` is what byte `b` adds before `n` zero bytes, so 16 are looked up at once. */
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
