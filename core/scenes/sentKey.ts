import { basename, dirname } from 'node:path';
import { isZarr } from '../base/keys.ts';

/**
 * Returns the key of a sent file: the beginning of its content's SHA-256, and its name. A file sent twice is thus one
 * object, and files of the same name from two folders stay apart. A Zarr store keeps the name of its folder.
 */
export function sentKey(sha256: string, file: string, keyPrefix = ''): string {
  const folder = isZarr(file) ? `${basename(dirname(file))}/` : '';
  return `${keyPrefix}${sentTo(sha256)}/${folder}${basename(file)}`;
}

/** Returns the folder of a sent file, by its content. */
export const sentTo = (sha256: string): string => sha256.slice(0, 12);
