import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { piecesOf } from './plainFile.ts';

/** Size, times and identity: while they stay, so does the content. `cp -p` and the like cannot set the inode's ctime. */
export async function fingerprint(path: string): Promise<string | undefined> {
  const about = await lstat(path, { bigint: true }).catch(() => undefined);
  return about?.isFile() ? printOf(about) : undefined;
}

/** The same of a file that was looked at, or is open. */
export const printOf = ({ size, mtimeNs, ino, ctimeNs }: BigIntStats): string => `${size}-${mtimeNs}-${ino}-${ctimeNs}`;

/** SHA-256 of a file's content, or of its first bytes, hexadecimal. */
export async function digest(path: string, bytes = Infinity, signal?: AbortSignal): Promise<string> {
  await using file = await open(path);
  return await digestOfOpen(file, bytes, signal);
}

/** The same of an open file, from its first byte on; it stays open. */
export async function digestOfOpen(file: FileHandle, bytes = Infinity, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of piecesOf(file, bytes, signal)) hash.update(piece);
  return hash.digest('hex');
}
