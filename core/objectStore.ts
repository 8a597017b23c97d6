import { ObjectNotFound, SceneFileChanged } from './errors.ts';
import type { FormerVersion } from './formerVersions.ts';
import type { SceneRef } from './messages.ts';

/**
 * The object store as the work knows it: S3 in an account, a folder per bucket on a laptop. A write becomes visible
 * whole or not at all.
 */

/** A scene file, opened for one pass from its first byte to its last. */
export type OpenedScene = {
  size: number;
  lastModified: Date;
  /** SHA-256 of its bytes, hexadecimal, where the store knows it, so that nobody need compute it: `hasChanged` answers for it. */
  digest?: string;
  /**
   * The bytes in order, each chunk valid until the next is asked for; leaving the loop early closes them, and so does
   * `close` where it was never entered.
   */
  chunks: AsyncIterable<Uint8Array>;
  /** Some bytes of the same version, by a request of their own; fewer where the file ends before. Until it is closed. */
  range: (offset: number, length: number) => Promise<Uint8Array>;
  sibling?: ReadSibling;
  asset?: OpenAsset;
  close: () => void;
  /**
   * Whether the file is no longer the version that was asked for; never so where every version is kept. `digest` is
   * that of the bytes read, where the pass went through to the end, or the store's own. Throws `TransientTrouble` where the
   * file is that version again, and what was read may have been another one.
   */
  hasChanged: (digest?: string) => Promise<boolean>;
};

/**
 * A small object of the inbox that may lie beside a scene file, by its whole key, as it is now; null where there is none.
 * Throws `ObjectTooLarge` where it has more than `MAX_SIBLING_BYTES`, before it reads any.
 */
export type ReadSibling = (key: string) => Promise<Uint8Array | null>;

/** A file that a STAC Item names, opened as it is now: what is read of it is of one content. */
export type OpenedAsset = {
  readonly key: string;
  readonly size: number;
  /** Names its content: another file under the same key has another one. */
  readonly version: string;
  /** Some bytes, fewer where the file ends before. Throws `TransientTrouble` where it has become another one. Until it is closed. */
  range: (offset: number, length: number) => Promise<Uint8Array>;
  close: () => void;
};
/**
 * Opens the file that an asset's `href` means, in the Item that the scene file is. Throws `ObjectNotFound` where there is none,
 * and `InvalidSceneFile` where it lies where no assets may.
 */
export type OpenAsset = (href: string) => Promise<OpenedAsset>;

/** Throws `ObjectNotFound` when that version does not exist. */
export type OpenScene = (scene: SceneRef) => Promise<OpenedScene>;
/**
 * A small object, whole. Throws `ObjectNotFound` when there is none, and `ObjectTooLarge`, before it reads any, when it has
 * more bytes than `limit`. A store may read it into the buffer that `makeBuffer` offers, and answer a view of that.
 */
export type ReadObject = (key: string, limit?: number, makeBuffer?: MakeBuffer) => Promise<Uint8Array>;
export type MakeBuffer = (bytes: number) => Uint8Array;
/** Throws `DiskFull` when there is no room. The bytes are the caller's again when it is done, and not before. */
export type WriteObject = (key: string, bytes: Uint8Array) => Promise<void>;
/** The same of an object of any size, whose bytes come piece by piece; answers the version that is written. */
export type WriteStream = (
  key: string,
  object: { size: number; chunks: AsyncIterable<Uint8Array> },
) => Promise<ObjectVersion>;
/** A version of an object: `version` names it, and what was written later under the same key has another name. */
export type ObjectVersion = { key: string; version: string };
/** Every version of every object whose key begins so; of a store that keeps one version of each, that one. */
export type ListVersions = (prefix: string) => Promise<ObjectVersion[]>;
/** Removes that version of an object, and none that was written after it. */
export type RemoveVersion = (version: ObjectVersion) => Promise<void>;
/** An object whole, and its version; null where there is none. */
export type ReadVersion = (key: string) => Promise<{ bytes: Uint8Array; version: string } | null>;
/**
 * Writes an object if its version still is the one that was read, null standing for none: whoever read what another has
 * written over since changes nothing. Answers its version now; null where it was not written.
 */
export type ReplaceVersion = (key: string, bytes: Uint8Array, version: string | null) => Promise<string | null>;
/** Objects that are written over and removed only as long as they are what was read. */
export type VersionedObjects = {
  readVersion: ReadVersion;
  replaceVersion: ReplaceVersion;
  removeVersion: RemoveVersion;
};

/** Some bytes of an object. Throws `ObjectNotFound` where it has none there. */
export type ReadPiece = (key: string, offset: number, length: number) => Promise<Uint8Array>;
/** Versions that lay under the same key before a version, and may be unfinished copies of it: see `replacedSoon`. */
export type ListFormers = (scene: SceneRef) => Promise<FormerVersion[]>;
/** A version in the inbox; when it arrived (ISO), and what the listing says of its bytes, where it does. */
export type ListedScene = SceneRef & {
  lastModified?: string;
  size?: number;
  etag?: string;
  /** Whether another version under the same key came soon before or after it: one may be an unfinished copy of the other. */
  hasNeighbour?: boolean;
  /** No look found it before, so it has come since, whatever a clock said that was wrong when it arrived. */
  isNew?: true;
};
/** An object of any size, of which some bytes are read at a time, or all of them as they come. */
export type OpenedObject = {
  size: number;
  /** Fewer where it ends before. */
  range: (offset: number, length: number) => Promise<Uint8Array>;
  chunks: () => AsyncIterable<Uint8Array>;
};
/** Throws `ObjectNotFound` when there is none. */
export type OpenObject = (key: string) => Promise<OpenedObject>;
/** The keys of a bucket under a prefix, in order. */
export type ListKeys = (prefix: string) => Promise<string[]>;
export type Bucket = { read: ReadObject; write: WriteObject; list: ListKeys };
/**
 * Which keys are listed: those under a prefix, and not those under another one. `anew` is for a store that cannot be sure of
 * a version without a look into the file: it looks.
 */
export type Range = { prefix?: string; except?: string; anew?: boolean };
/** A page of the versions in the inbox, in a stable order; `cursor` is null on the last one. */
export type ListScenes = (
  cursor: string | null,
  range?: Range,
) => Promise<{ scenes: ListedScene[]; cursor: string | null }>;
/** Some versions in the inbox as a listing shows them; those that it does not show are left out. */
export type LookUpScenes = (scenes: readonly SceneRef[]) => Promise<ListedScene[]>;
/** One object as it lies there: a version of it, or without one the current version; or why nothing can be said of it. */
export type FindObject = (
  object: Omit<SceneRef, 'versionId'> & { versionId: string | null },
) => Promise<ListedScene | 'missing' | 'forbidden'>;
/** Some bytes of a scene file, by one ranged read. Throws `ObjectNotFound` when that version does not exist. */
export type ReadRange = (scene: SceneRef, offset: number, length: number) => Promise<Uint8Array>;

/** For those who can do without an object. */
export function nullIfNotFound(error: unknown): null {
  if (error instanceof ObjectNotFound) return null;
  throw error;
}

export function changedWhileRead(key: string): SceneFileChanged {
  return new SceneFileChanged(`${key} changed while it was read. Its new content is a run of its own.`);
}
