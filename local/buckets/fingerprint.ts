import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';

/** Size, times and identity: while they stay, so does the content. `cp -p` and the like cannot set the inode's ctime. */
export async function fingerprint(path: string): Promise<string | undefined> {
  const about = await lstat(path, { bigint: true }).catch(() => undefined);
  return about?.isFile() ? printOf(about) : undefined;
}

/** The same of a file that was looked at, or is open. */
export const printOf = ({ size, mtimeNs, ino, ctimeNs }: BigIntStats): string => `${size}-${mtimeNs}-${ino}-${ctimeNs}`;

const CHUNK_BYTES = 1 << 20;

/** SHA-256 of a file's content, or of its first bytes, hexadecimal. */
export async function digest(path: string, bytes = Infinity, signal?: AbortSignal): Promise<string> {
  await using file = await open(path);
  return await digestOfOpen(file, bytes, signal);
}

/** The same of an open file, from its first byte on; it stays open. */
export async function digestOfOpen(file: FileHandle, bytes = Infinity, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const { size } = await file.stat();
  // One for all of the file: a stream would leave one behind for each chunk.
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size + 1));
  for (let at = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, bytes - at), at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
