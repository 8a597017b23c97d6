import { createHash } from 'node:crypto';
import { ObjectNotFound, TransientTrouble } from '../../core/base/errors.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import type { ListedScene } from '../../core/base/objectStore.ts';
import { INBOX } from '../../local/buckets/inbox.ts';

/**
 * The inbox in memory: as S3 has it, where a version is kept until somebody deletes it, or as a folder, where a version is
 * its content's digest and a file that is written over is gone.
 */
export type Storage = 's3' | 'folder';

/** A version of an object as it was put. */
export type Version = {
  scene: SceneRef;
  bytes: Uint8Array;
  lastModified: Date;
  /** Whether its event has come. */
  isSeen: boolean;
  /** Whether it can be read no more: deleted, or written over in a folder. */
  isGone: boolean;
};

export type Inbox = ReturnType<typeof makeInbox>;

export function makeInbox(storage: Storage, now: () => Date) {
  const versions: Version[] = [];
  /** A folder's file is dated by a clock that may have been ahead, and did not come later than now. */
  const cameAt = ({ lastModified }: Version) => new Date(Math.min(lastModified.getTime(), now().getTime()));

  /** Puts an object under a key, over what may be there. */
  function put(key: string, bytes: Uint8Array, lastModified: Date): Version {
    const former =
      storage === 'folder' ? versions.find(({ scene, isGone }) => scene.key === key && !isGone) : undefined;
    if (former !== undefined) former.isGone = true;
    const versionId = storage === 'folder' ? digestOf(bytes) : `v${versions.length + 1}`;
    const version = { scene: { bucket: INBOX, key, versionId }, bytes, lastModified, isSeen: false, isGone: false };
    versions.push(version);
    return version;
  }

  /** What there is to read under a version's name: in a folder, the bytes that lie there now, whoever's they are. */
  function find(scene: SceneRef): Version {
    const isMeant = (one: Version) =>
      !one.isGone && one.scene.key === scene.key && (storage === 'folder' || one.scene.versionId === scene.versionId);
    const found = versions.find(isMeant);
    if (found === undefined) throw new ObjectNotFound(`${scene.key}, version ${scene.versionId}, does not exist.`);
    return found;
  }

  /** What lies under a key now. */
  function current(key: string): Version | undefined {
    return versions.findLast(({ scene, isGone }) => scene.key === key && !isGone);
  }

  return {
    versions,
    put,
    find,
    current,
    cameAt,
    remove: (version: Version) => {
      version.isGone = true;
    },
    /** As the port has it; `opened` is what lay there when it was opened. */
    hasChanged: (opened: Version, scene: SceneRef, digest?: string): boolean => {
      if (storage === 's3') return false;
      const now = current(scene.key);
      if ((digest ?? (now === undefined ? '' : digestOf(now.bytes))) !== scene.versionId) return true;
      if (digest === undefined && now !== opened) throw new TransientTrouble(`${scene.key} was written to.`);
      return false;
    },
    list: (): ListedScene[] =>
      versions
        .filter(({ isGone }) => !isGone)
        .map((version) => ({
          ...version.scene,
          lastModified: cameAt(version).toISOString(),
          size: version.bytes.length,
          ...(storage === 'folder' && !version.isSeen && { isNew: true as const }),
          ...(storage === 's3' && { etag: digestOf(version.bytes).slice(0, 32) }), // each came by one request
        }))
        .sort((one, other) => (one.key < other.key ? -1 : 1)),
  };
}

const digests = new WeakMap<Uint8Array, string>();

export function digestOf(bytes: Uint8Array): string {
  const found = digests.get(bytes) ?? createHash('sha256').update(bytes).digest('hex');
  digests.set(bytes, found);
  return found;
}
