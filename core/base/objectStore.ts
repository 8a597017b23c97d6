import { ObjectNotFound, onError, SceneFileChanged } from './errors.ts';
import type { SceneRef } from './messages.ts';

/** The object store as seen by the steps: S3 in an account, a folder per bucket on a laptop. Writes are atomic. */

/** A scene file, opened for one pass from its first byte to its last. */
export type OpenedScene = {
  size: number;
  lastModified: Date;
  /** SHA-256 of its bytes, hexadecimal, if the store knows it: then it is not computed; `hasChanged` vouches for it. */
  digest?: string;
  /**
   * The bytes in order; each chunk is valid until the next is requested. Leaving the loop early closes the file; if the
   * loop was never entered, `close` does.
   */
  chunks: AsyncIterable<Uint8Array>;
  /**
   * Returns what identifies the content of a file that was not read to its end: a SHA-256, hexadecimal, or one of the store's
   * checksum. May read the whole file: awaits `between` before each chunk. Absent where every file is read to its end.
   */
  contentDigest?: (between: () => Promise<void>) => Promise<string>;
  /** Reads a range, shorter at the end of the file, by a separate request. Valid until the file is closed. */
  range: (offset: number, length: number) => Promise<Uint8Array>;
  sibling?: ReadSibling;
  asset?: OpenAsset;
  close: () => void;
  /**
   * Returns whether the file is no longer the requested version; never so in a store that keeps every version. `digest` is
   * that of the bytes read, after a complete pass, or the store's own. Throws `TransientTrouble` if the file is that
   * version again, but may have been another while it was read.
   */
  hasChanged: (digest?: string) => Promise<boolean>;
};

/**
 * Reads a small object of the inbox beside a scene file, by its whole key, in its current version; null if there is
 * none. Throws `ObjectTooLarge`, before it reads anything, for more than `limit`, by default `MAX_SIBLING_BYTES`.
 */
export type ReadSibling = (key: string, limit?: number) => Promise<Uint8Array | null>;

/** A file that a STAC Item names, opened in its current version: all reads are of the same content. */
export type OpenedAsset = {
  readonly key: string;
  readonly size: number;
  /**
   * Returns a checksum of its content, the same whoever stored it and in whatever parts; of a file at a web address its version.
   * May read the whole file: awaits `between` before each chunk. Also works once it is closed.
   */
  digest: (between: () => Promise<void>) => Promise<string>;
  /** Reads a range, shorter at the end. Throws `TransientTrouble` if the file has been replaced. */
  range: (offset: number, length: number) => Promise<Uint8Array>;
  close: () => void;
};
/**
 * Throws `ObjectNotFound` if it does not exist, and `InvalidSceneFile` if it is where no assets are allowed, of which `isAllowed`
 * says before that it is not.
 */
export type OpenAsset = ((href: string) => Promise<OpenedAsset>) & { isAllowed?: (href: string) => Promise<boolean> };

export type OpenScene = (scene: SceneRef) => Promise<OpenedScene>;
/**
 * Throws `ObjectNotFound` if it does not exist and, before it reads anything, `ObjectTooLarge` for more than `limit`. A
 * store may read into the buffer that `makeBuffer` provides, and return a view of it.
 */
export type ReadObject = (key: string, limit?: number, makeBuffer?: MakeBuffer) => Promise<Uint8Array>;
export type MakeBuffer = (bytes: number) => Uint8Array;
/** Writes an object. Throws `DiskFull` if there is no room. The bytes must not be changed until the promise settles. */
export type WriteObject = (key: string, bytes: Uint8Array) => Promise<void>;
/** Writes an object of any size from a stream of pieces; returns the written version. */
export type WriteStream = (key: string, object: Pick<OpenedScene, 'size' | 'chunks'>) => Promise<ObjectVersion>;
/** A version of an object; later writes under the same key have a different `version`. */
export type ObjectVersion = { key: string; version: string };
/** Lists every version of every object under a prefix; a store without versioning lists one version each. */
export type ListVersions = (prefix: string) => Promise<ObjectVersion[]>;
export type RemoveVersion = (version: ObjectVersion) => Promise<void>;
/** Reads a whole object with its version; null if it does not exist. */
export type ReadVersion = (key: string) => Promise<{ bytes: Uint8Array; version: string } | null>;
/** Writes an object if its version is the one that was read, null for none. Returns the new one; null if none was written. */
export type ReplaceVersion = (key: string, bytes: Uint8Array, version: string | null) => Promise<string | null>;
/** Objects that are only replaced and removed while they are what was last read. */
export type VersionedObjects = {
  readVersion: ReadVersion;
  replaceVersion: ReplaceVersion;
  removeVersion: RemoveVersion;
};

/** Reads a range of an object. Throws `ObjectNotFound` if the object does not have it. */
export type ReadPiece = (key: string, offset: number, length: number) => Promise<Uint8Array>;
/** The results bucket, for steps that read results, write them and take them back. */
export type Results = VersionedObjects & { readResult: ReadObject; readPiece: ReadPiece; writeResult: WriteObject };
/** A version in the inbox, when it arrived (ISO), and what the listing says about its content. */
export type ListedScene = SceneRef & {
  lastModified?: string;
  size?: number;
  etag?: string;
  /** No listing found it before, so it is new, even if a wrong clock dates its arrival earlier. */
  isNew?: true;
};
/** An object of any size, read in ranges or as a stream. */
export type OpenedObject = {
  size: number;
  range: (offset: number, length: number) => Promise<Uint8Array>;
  chunks: () => AsyncIterable<Uint8Array>;
};
/** Throws `ObjectNotFound` if it does not exist. */
export type OpenObject = (key: string) => Promise<OpenedObject>;
/** Lists the keys of a bucket under a prefix, in order. */
export type ListKeys = (prefix: string) => Promise<string[]>;
export type Bucket = Pick<VersionedObjects, 'readVersion' | 'replaceVersion'> & {
  read: ReadObject;
  write: WriteObject;
  list: ListKeys;
};
/** Keys under a prefix, except those under another. With `anew`, a store that is only sure of what it reads does so. */
export type Range = { prefix?: string; except?: string; anew?: boolean };
/** Lists a page of the versions in the inbox, in a stable order; `cursor` is null on the last page. */
export type ListScenes = (
  cursor: string | null,
  range?: Range,
) => Promise<{ scenes: ListedScene[]; cursor: string | null }>;
/** Returns some versions of the inbox as a listing shows them; those that it does not show are omitted. */
export type LookUpScenes = (scenes: readonly SceneRef[]) => Promise<ListedScene[]>;
/** Finds an object: a given version, or by default the current one; or returns why it cannot be found. */
export type FindObject = (
  object: Omit<SceneRef, 'versionId'> & { versionId: string | null },
) => Promise<ListedScene | 'missing' | 'forbidden'>;
/** Reads a range of a scene file with one request. Throws `ObjectNotFound` if that version does not exist. */
export type ReadRange = (scene: SceneRef, offset: number, length: number) => Promise<Uint8Array>;

/** For callers that can do without an object. */
export const nullIfNotFound = onError(ObjectNotFound, () => null);

export const changedWhileRead = (key: string): SceneFileChanged =>
  new SceneFileChanged(`${key} changed while it was read. Its new content is a run of its own.`);
