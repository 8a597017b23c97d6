import { basename, resolve, sep } from 'node:path';
import { isFolderScene } from '../base/keys.ts';

/**
 * Returns the key of a sent file: the beginning of its content's SHA-256, and its name. A file sent twice is thus one
 * object, and files of the same name from two folders stay apart. A folder that is a scene keeps its name.
 */
export const sentKey = (sha256: string, file: string, keyPrefix = ''): string =>
  `${keyPrefix}${sentTo(sha256)}/${sentName(file)}`;

/** Returns the folder that a key is in, as `keyPrefix` names it: without what `sentKey` adds. */
export function folderOf(key: string): string {
  const folders = key.split('/').slice(0, isFolderScene(key) ? -2 : -1);
  return (/^[0-9a-f]{12}$/.test(folders.at(-1) ?? '') ? folders.slice(0, -1) : folders).join('/');
}

/** Returns a file's name, with its folder if that makes it a scene. */
export function sentName(file: string): string {
  const inFolder = resolve(file).split(sep).slice(-2).join('/');
  return isFolderScene(inFolder) ? inFolder : basename(file);
}

/** Returns the folder of a sent file, by its content. */
export const sentTo = (sha256: string): string => sha256.slice(0, 12);
