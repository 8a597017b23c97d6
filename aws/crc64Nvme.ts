/**
 * CRC-64/NVME, the checksum that S3 stores with every object whose sender chose none. Its polynomial, reflected, and
 * what it starts and ends with: https://reveng.sourceforge.io/crc-catalogue/all.htm#crc.cat.crc-64-nvme
 */
const POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

/** What each byte does to the checksum: its upper and its lower 32 bits. */
const [UPPER, LOWER] = [new Int32Array(256), new Int32Array(256)];
for (let byte = 0; byte < 256; byte += 1) {
  let row = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) row = row & 1n ? (row >> 1n) ^ POLYNOMIAL : row >> 1n;
  UPPER[byte] = Number(row >> 32n);
  LOWER[byte] = Number(row & 0xffffffffn);
}

/** Returns the checksum of the chunks together, as S3 writes it: 8 bytes, the highest first, in base64. */
export async function crc64Nvme(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let [upper, lower] = [~0, ~0];
  for await (const chunk of chunks)
    for (let i = 0; i < chunk.length; i += 1) {
      const row = (lower ^ chunk[i]!) & 0xff;
      lower = ((lower >>> 8) | (upper << 24)) ^ LOWER[row]!;
      upper = (upper >>> 8) ^ UPPER[row]!;
    }
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(~upper, 0);
  bytes.writeInt32BE(~lower, 4);
  return bytes.toString('base64');
}
