import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, posix, relative, sep } from 'node:path';
import { isZarr } from '../../core/base/keys.ts';
import { digest } from './fingerprint.ts';

/** Returns the file that is sent for a path: for the folder of a Zarr store its metadata, else the path. */
export function sceneFileAt(path: string): string {
  if (!/\.zarr[/\\]*$/.test(path) || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  const [third, second] = [join(path, 'zarr.json'), join(path, '.zmetadata')];
  return existsSync(second) && !existsSync(third) ? second : third;
}

/** Lists the files of a Zarr store beside its metadata, to be put under a key, with their keys. Links are not followed. */
export async function chunksBeside(file: string, key: string): Promise<[from: string, to: string][]> {
  if (!isZarr(file.replaceAll(sep, '/')) || !isZarr(key)) return [];
  const entries = await readdir(dirname(file), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const wayTo = (one: string) => relative(dirname(file), one).split(sep);
  return files.filter((one) => one !== file).map((one) => [one, posix.join(posix.dirname(key), ...wayTo(one))]);
}

/** Returns the digest by which a file is sent: that of a store holds all its files, as equal metadata may describe others. */
export async function sentDigest(file: string, sha256: string): Promise<string> {
  const digests: string[] = [];
  for (const [from, to] of await chunksBeside(file, 'a.zarr/zarr.json')) digests.push(`${to} ${await digest(from)}`);
  if (digests.length === 0) return sha256;
  return createHash('sha256')
    .update([sha256, ...digests.sort()].join('\n'))
    .digest('hex');
}
