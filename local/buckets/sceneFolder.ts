import { createHash, hash } from 'node:crypto';
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { isAsset, isFolderScene } from '../../core/base/keys.ts';
import { sentName } from '../../core/scenes/sentKey.ts';
import { piecesOf } from './plainFile.ts';

/** Returns the file that is sent for a path: for a folder that is a scene its metadata, else the path. */
export function sceneFileAt(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return path;
  const metadata = readdirSync(path).filter((name) => isFolderScene(`${basename(resolve(path))}/${name}`));
  return metadata.length === 0 ? path : join(path, metadata.sort().at(-1)!); // zarr.json before .zmetadata
}

/** Lists the files of a folder beside its metadata, to be put under a key, with their keys. Links are not followed. */
export async function filesBeside(file: string, key: string): Promise<[from: string, to: string][]> {
  if (!isFolderScene(sentName(file)) || !isFolderScene(key)) return [];
  const entries = await readdir(dirname(file), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const keyOf = (one: string) => posix.join(posix.dirname(key), ...relative(dirname(file), one).split(sep));
  return files.map((one): [string, string] => [one, keyOf(one)]).filter(([, to]) => isAsset(to));
}

/** Returns the digest by which a file is sent: that of a folder holds all its files, as equal metadata may describe others. */
export async function sentDigest(file: string, sha256: string): Promise<string> {
  const digests: string[] = [];
  for (const [from, to] of await filesBeside(file, sentName(file))) digests.push(`${to} ${await digest(from)}`);
  return digests.length === 0 ? sha256 : hash('sha256', [sha256, ...digests.sort()].join('\n'));
}

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
