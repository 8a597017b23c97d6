import { basename } from 'node:path';

/**
 * The key of a sent file: the beginning of its content's SHA-256, and its name. So the same file sent twice is one object,
 * and files of one name from two folders stay apart.
 */
export function sentKey(sha256: string, file: string, keyPrefix = ''): string {
  return `${keyPrefix}${sentTo(sha256)}/${basename(file)}`;
}

/** The folder that a sent file goes into, by its content. */
export function sentTo(sha256: string): string {
  return sha256.slice(0, 12);
}
