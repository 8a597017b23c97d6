import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import { type FileHandle, lstat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/**
 * Size, times and identity of a file: as long as they stay, so does its content. `cp -p`, `tar x` and `rsync -t` bring the
 * source's size and time of change along, but nobody can set when the inode changed (ctime). That also moves where only
 * the name, the rights or the links of a file change: then its content is hashed once more, and is what it was.
 */
export async function fingerprint(path: string): Promise<string | undefined> {
  try {
    const about = await lstat(path, { bigint: true });
    return about.isFile() ? printOf(about) : undefined;
  } catch {
    return undefined;
  }
}

/** The same of a file that was looked at, or is open. */
export function printOf({ size, mtimeNs, ino, ctimeNs }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}-${ctimeNs}`;
}

const CHUNK_BYTES = 1 << 20;

/** SHA-256 of a file's content, hexadecimal. */
export function digest(path: string): Promise<string> {
  return digestOf(createReadStream(path, { highWaterMark: CHUNK_BYTES }));
}

/** The same of an open file, from its first byte on; it stays open. */
export function digestOfOpen(file: FileHandle): Promise<string> {
  return digestOf(file.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK_BYTES }));
}

async function digestOf(chunks: NodeJS.ReadableStream): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(chunks, hash);
  return hash.digest('hex');
}
