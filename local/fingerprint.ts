import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Size, time and identity of a file: as long as it stands still, so does its content. */
export async function fingerprint(path: string): Promise<string | undefined> {
  try {
    const about = await lstat(path, { bigint: true });
    return about.isFile() ? printOf(about) : undefined;
  } catch {
    return undefined;
  }
}

/** The same of a file that was looked at, or is open. */
export function printOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`;
}

/** SHA-256 of a file's content, hexadecimal. */
export async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
