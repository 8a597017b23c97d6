import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DiskFull, ObjectNotFound } from '../functions/shared/errors.ts';
import type { ReadObject, WriteObject } from '../functions/shared/objectStore.ts';

/** A bucket that is a folder: a key is the path of a file in it. */

export function readFromFolder(bucket: string): ReadObject {
  return async (key) => {
    try {
      return await readFile(pathOf(bucket, key));
    } catch (error) {
      if (isCode(error, 'ENOENT', 'ENOTDIR')) throw new ObjectNotFound(`${key} does not exist.`, { cause: error });
      throw error;
    }
  };
}

/** Writes aside, syncs and renames: what can be seen under the key is whole, even after a power failure. */
export function writeToFolder(bucket: string): WriteObject {
  return async (key, bytes) => {
    const path = pathOf(bucket, key);
    await withRoom(path, bytes.byteLength, async () => {
      await mkdir(dirname(path), { recursive: true });
      const aside = join(dirname(path), `.${randomUUID()}.tmp`);
      try {
        const file = await open(aside, 'wx');
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(aside, path);
      } catch (error) {
        await rm(aside, { force: true });
        throw error;
      }
    });
  };
}

/** Names the bytes that were needed when a write finds no room. */
export async function withRoom<Result>(path: string, bytes: number, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!isCode(error, 'ENOSPC', 'EDQUOT')) throw error;
    const free = await freeBytes(dirname(path));
    throw new DiskFull(
      `No room to write ${path}: it needs ${grouped(bytes)} bytes, and ${free} are free. Make room, then run it again.`,
      { cause: error },
    );
  }
}

/**
 * The path of a key. Our own keys are made of letters, digits, `.`, `-`, `_`, `=`, `+` and `/`, which every file system
 * takes; nothing else gets out of the folder or into a name that Windows refuses.
 */
function pathOf(bucket: string, key: string): string {
  const segments = key.split('/');
  if (segments.some((segment) => !/^[\w=+.-]*[\w=+-]$/.test(segment) || segment.startsWith('.')))
    throw new ObjectNotFound(`${JSON.stringify(key)} is no key of this store.`);
  return join(bucket, ...segments);
}

async function freeBytes(folder: string): Promise<string> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return grouped(bavail * bsize);
  } catch {
    return 'too few';
  }
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes(String((error as NodeJS.ErrnoException).code));
}
