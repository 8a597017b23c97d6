import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/**
 * Just enough of a zip reader for an artifact: https://pkwaredownloads.blob.core.windows.net/pem/APPNOTE.txt, sections
 * 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (its end).
 */
const END = 0x06054b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;

export type ZipEntry = { name: string; bytes: () => Buffer };

export function readZip(zip: Buffer): ZipEntry[] {
  const end = zip.length - END_BYTES; // an artifact has no comment
  if (zip.readUInt32LE(end) !== END) throw new Error('This is no zip without a comment.');
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field)) as Lengths;
    const name = zip.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    const method = zip.readUInt16LE(at + 10);
    const size = zip.readUInt32LE(at + 20);
    const header = zip.readUInt32LE(at + 42);
    entries.push({
      name,
      bytes: () => {
        const start = header + LOCAL_HEADER_BYTES + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
        const content = zip.subarray(start, start + size);
        return method === STORED ? content : inflateRawSync(content);
      },
    });
    at += ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
  }
  return entries;
}

export async function unzip(zip: Buffer, folder: string): Promise<void> {
  for (const { name, bytes } of readZip(zip)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes());
  }
}

type Lengths = [number, number, number];
