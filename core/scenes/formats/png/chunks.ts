import { crc32 } from 'node:zlib';
import { NoImage } from '../../image/image.ts';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

export const isPng = (head: Uint8Array): boolean => SIGNATURE.equals(head.subarray(0, SIGNATURE.length));

/** What is read, https://www.w3.org/TR/png-3/#11Chunks; others are refused if they are critical, else skipped. */
const READ = ['IHDR', 'PLTE', 'tRNS', 'eXIf', 'IDAT'] as const;

export type Chunks = { readonly [name in (typeof READ)[number]]: Uint8Array[] };

/** @throws {NoImage} when the file is cut short or damaged */
export function chunksOf(file: Uint8Array): Chunks {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const found: Chunks = { IHDR: [], PLTE: [], tRNS: [], eXIf: [], IDAT: [] };
  for (let at = SIGNATURE.length; ; ) {
    if (at + 12 > bytes.length)
      throw new NoImage(`is cut short: it ends at byte ${bytes.length}, without its chunk IEND`);
    const length = bytes.readUInt32BE(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length)
      throw new NoImage(
        `is cut short in its chunk at byte ${at}: it has ${length} bytes, the file ends at byte ${bytes.length}`,
      );
    const name = bytes.toString('latin1', at + 4, at + 8);
    if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end))
      throw new NoImage(`is damaged: the checksum of its chunk at byte ${at} does not match`);
    if (name === 'IEND') return found;
    if (isRead(name)) found[name].push(file.subarray(at + 8, end));
    else if ((bytes[at + 4]! & 0x20) === 0)
      throw new NoImage(`found a chunk at byte ${at} without which it cannot be read, and which is not known`);
    at = end + 4;
  }
}

const isRead = (name: string): name is keyof Chunks => (READ as readonly string[]).includes(name);
