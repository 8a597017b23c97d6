import { randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { attempt, DiskFull, insteadOf, ObjectNotFound, ObjectTooLarge, onError } from '../../core/base/errors.ts';
import type * as store from '../../core/base/objectStore.ts';
import { nullIfNotFound } from '../../core/base/objectStore.ts';
import { bytesOf, NO_FILE, NoPlainFile, openPlainFile, rangesOfFile } from './plainFile.ts';

export function fileAddressIn(bucket: string): (key: string) => string {
  return (key) => pathToFileURL(pathOf(bucket, key)).href;
}

/** A bucket that is a folder: a key is the path of a file in it. */
export const folderBucket = (folder: string): store.Bucket => ({
  read: readFromFolder(folder),
  write: writeToFolder(folder),
  list: listFolder(folder),
  readVersion: readVersionFromFolder(folder),
  replaceVersion: replaceVersionInFolder(folder),
});

/** What the functions do with the bucket of results. */
export function resultsInFolder(folder: string) {
  const { read, write, list: _, ...versions } = folderBucket(folder);
  const readPiece: store.ReadPiece = async (key, offset, length) => (await read(key)).subarray(offset, offset + length);
  return { readResult: read, writeResult: write, readPiece, ...versions, ...versionsInFolder(folder) };
}

export function readFromFolder(bucket: string): store.ReadObject {
  return (key, limit = Number.POSITIVE_INFINITY, makeBuffer = (bytes) => Buffer.allocUnsafeSlow(bytes)) =>
    foundAs(key, async () => {
      await using file = await openPlainFile(pathOf(bucket, key));
      const { size } = await file.stat();
      if (size > limit) throw new ObjectTooLarge(key, size, limit);
      const bytes = makeBuffer(size);
      let have = 0;
      while (have < size) {
        const { bytesRead } = await file.read(bytes, have, size - have, have);
        if (bytesRead === 0) throw new Error(`${key} was cut short while it was read.`);
        have += bytesRead;
      }
      return bytes;
    });
}

/** Opens the file for each read, so that nothing has to be closed; reads only the range. */
export function openObjectInFolder(bucket: string): store.OpenObject {
  return async (key) => {
    const path = pathOf(bucket, key);
    const { size } = await foundAs(key, async () => {
      await using file = await openPlainFile(path);
      return file.stat();
    });
    return {
      size,
      range: (offset: number, length: number) =>
        foundAs(key, async () => {
          await using file = await openPlainFile(path);
          return await rangesOfFile(file, size)(offset, length);
        }),
      async *chunks() {
        await using file = await foundAs(key, () => openPlainFile(path));
        for (let offset = 0; offset < size; ) {
          const bytes = await bytesOf(file, offset, Math.min(CHUNK_BYTES, size - offset));
          if (bytes.length === 0) throw new Error(`${key} was cut short while it was read.`);
          yield bytes;
          offset += bytes.length;
        }
      },
    };
  };
}

const CHUNK_BYTES = 256 * 1024;

/** Reads a file; throws `ObjectNotFound` if there is no plain file. */
function foundAs<Found>(key: string, read: () => Promise<Found>): Promise<Found> {
  const odd = insteadOf(NoPlainFile, (cause) => new ObjectNotFound(`${key} is no object: ${cause.message}`, { cause }));
  const none = insteadOf(NO_FILE, (cause) => new ObjectNotFound(`${key} does not exist.`, { cause }));
  return read().catch(odd).catch(none);
}

/** Writes aside, syncs and renames: a key's file is always complete. Without `sync` that holds for crashes of the process alone. */
export function writeToFolder(bucket: string, { sync = true } = {}): store.WriteObject {
  return async (key, bytes) => {
    const path = pathOf(bucket, key);
    return putInPlace(path, bytes.byteLength, bytes, (aside) => rename(aside, path), sync);
  };
}

/** The same for streamed bytes. */
export function writeStreamToFolder(bucket: string): store.WriteStream {
  return async (key, { size, chunks }) => {
    const path = pathOf(bucket, key);
    return putInPlace(path, size, chunks, async (aside) => {
      renameSync(aside, path);
      return { key, version: versionOf(path)! };
    });
  };
}

type Bytes = Uint8Array | AsyncIterable<Uint8Array>;
type Put<Result> = (aside: string) => Promise<Result>;

/** Writes a file beside its destination, whose folder is made if need be, and has it put into place, or leaves nothing. */
const putInPlace = <Result>(path: string, size: number, bytes: Bytes, put: Put<Result>, sync = true): Promise<Result> =>
  withBuffer(path, size, async () => {
    const aside = join(dirname(path), `.${randomUUID()}.tmp`);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(aside, bytes, { flag: 'wx', flush: sync });
      return await put(aside);
    } finally {
      await rm(aside, { force: true });
    }
  });

export function readVersionFromFolder(bucket: string): store.ReadVersion {
  const read = readFromFolder(bucket);
  return async (key) => {
    for (;;) {
      const version = versionOf(pathOf(bucket, key));
      if (version === null) return null;
      const bytes = await read(key).catch(nullIfNotFound);
      if (bytes !== null && versionOf(pathOf(bucket, key)) === version) return { bytes, version };
    }
  };
}

/** Compares and renames while a file beside it keeps others out; one of a process that died lasts for `HELD_MILLISECONDS`. */
export function replaceVersionInFolder(bucket: string): store.ReplaceVersion {
  return async (key, bytes, version) => {
    const path = pathOf(bucket, key);
    return putInPlace(path, bytes.byteLength, bytes, async (aside) => {
      const held = join(dirname(path), `.${basename(path)}.held.tmp`);
      while (!isMade(held)) await setTimeout(1);
      try {
        if (versionOf(path) !== version) return null;
        renameSync(aside, path);
        return versionOf(path);
      } finally {
        rmSync(held, { force: true });
      }
    });
  };
}

const HELD_MILLISECONDS = 5000;

function isMade(path: string): boolean {
  const there = onError('EEXIST', () => {
    const made = statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? Date.now();
    if (Math.abs(Date.now() - made) > HELD_MILLISECONDS) rmSync(path, { force: true });
    return false;
  });
  return attempt(() => closeSync(openSync(path, 'wx')), there) ?? true;
}

/** The versions of a bucket's objects: as writing is renaming, each write makes another file. */
export function versionsInFolder(bucket: string) {
  const listVersions: store.ListVersions = async (prefix) =>
    (await listFolder(bucket)(prefix)).flatMap((key) => {
      const version = versionOf(pathOf(bucket, key));
      return version === null ? [] : [{ key, version }];
    });
  const removeVersion: store.RemoveVersion = async ({ key, version }) => {
    const path = pathOf(bucket, key);
    if (versionOf(path) === version) rmSync(path, { force: true }); // synchronously, so that nothing comes in between
  };
  return { listVersions, removeVersion };
}

function versionOf(path: string): string | null {
  const about = statSync(path, { bigint: true, throwIfNoEntry: false });
  return about?.isFile() ? `${about.ino}-${about.mtimeNs}` : null;
}

/** Lists the keys under a prefix, in order; reads only the folder that the prefix names. */
function listFolder(bucket: string): store.ListKeys {
  return async (prefix) => {
    const folder = join(bucket, ...prefix.split('/').slice(0, -1));
    return (await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.')) // a write in progress does not count
      .map(({ parentPath, name }) => relative(bucket, join(parentPath, name)).replaceAll(sep, '/'))
      .filter((key) => key.startsWith(prefix))
      .sort();
  };
}

/** The space that other writes leave for the tables: without space, the ledger could not even record the error. */
export const KEPT_BYTES = 1 << 20;

/** Runs a write of this many bytes if there is room for them, beside the reserve for the tables; throws `DiskFull` otherwise. */
export async function withBuffer<Result>(path: string, bytes: number, write: () => Promise<Result>): Promise<Result> {
  await assertFreeSpace(path, bytes, KEPT_BYTES);
  const full = (cause: Error) => noFreeSpace(path, bytes, KEPT_BYTES, freeBytes(path), cause);
  return write().catch(insteadOf(['ENOSPC', 'EDQUOT'], full));
}

/** Throws `DiskFull` where fewer bytes are free than needed; nothing is known before a file system that does not count. */
export async function assertFreeSpace(path: string, bytes: number, kept = 0): Promise<void> {
  const free = freeBytes(path);
  if (free !== undefined && free < bytes + kept) throw noFreeSpace(path, bytes, kept, free);
}

function noFreeSpace(path: string, bytes: number, kept: number, free: number | undefined, cause?: unknown): DiskFull {
  const found = free === undefined ? 'too few are free' : `${grouped(Math.max(0, free - kept))} are free`;
  const left = kept === 0 ? '' : ` beside the ${grouped(kept)} that are kept for the ledger`;
  return new DiskFull(
    `No room to write ${path}: it needs ${grouped(bytes)} bytes, and ${found}${left}. Make room, then run it again.`,
    { cause },
  );
}

/** The path of a key of letters that every file system accepts; others are refused, so that none leaves the folder. */
function pathOf(bucket: string, key: string): string {
  const segments = key.split('/');
  if (segments.some((segment) => !/^[\w=+.-]*[\w=+-]$/.test(segment) || segment.startsWith('.')))
    throw new ObjectNotFound(`${JSON.stringify(key)} is no key of this store.`);
  return join(bucket, ...segments);
}

export function freeBytes(path: string): number | undefined {
  try {
    const { blocks, bavail, bsize } = statfsSync(path); // a few microseconds, as long as it would take to have another thread do it
    return blocks === 0 ? undefined : bavail * bsize; // a file system without a limit has no blocks
  } catch {
    return path === dirname(path) ? undefined : freeBytes(dirname(path));
  }
}

const grouped = (count: number): string => count.toLocaleString('en-US');
