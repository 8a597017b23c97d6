import type { ListedScene } from '../../core/base/objectStore.ts';
import { RESULTS } from '../../local/buckets/inbox.ts';
import { digestOf, type Storage } from './inbox.ts';

/** What was written or removed, and what can be read under the key now. */
export type Change = { key: string; written: Uint8Array | undefined; readable: Uint8Array | undefined };

/** In the place of a version: no matter what is there. Only a bug says so. */
export const WHATEVER = 'whatever';

export type Results = ReturnType<typeof makeResults>;

/**
 * The results in memory: as S3 has them, where each write is a version of its own, and the one before comes to light again
 * when it is removed; or as a folder has them, one version of each.
 */
export function makeResults(storage: Storage, now: () => Date, onChange: (change: Change) => void) {
  type Version = { bytes: Uint8Array; version: string; lastModified: Date };
  const objects = new Map<string, Version[]>();
  let writes = 0;

  function current(key: string): Version | undefined {
    return objects.get(key)?.at(-1);
  }

  function changed(key: string, versions: Version[], written?: Uint8Array): void {
    if (versions.length === 0) objects.delete(key);
    else objects.set(key, versions);
    onChange({ key, written, readable: current(key)?.bytes });
  }

  function write(key: string, bytes: Uint8Array): string {
    writes += 1;
    const version = `${writes} ${storage === 's3' ? digestOf(bytes) : writes}`;
    const before = storage === 's3' ? (objects.get(key) ?? []) : [];
    changed(key, [...before, { bytes, version, lastModified: now() }], bytes);
    return version;
  }

  return {
    current,
    write,
    get: (key: string) => current(key)?.bytes,
    /** An object as a scene file: in a folder, its version is its content. */
    find: (key: string): (ListedScene & { bytes: Uint8Array; lastModified: string }) | undefined => {
      const found = current(key);
      if (found === undefined) return undefined;
      const { bytes, lastModified } = found;
      const versionId = storage === 's3' ? found.version : digestOf(bytes);
      return { bucket: RESULTS, key, versionId, size: bytes.length, lastModified: lastModified.toISOString(), bytes };
    },
    has: (key: string) => objects.has(key),
    keys: () => [...objects.keys()],
    /** A conditional write compares the entity tag in S3, which is the same for the same bytes. */
    replace: (key: string, bytes: Uint8Array, version: string | null): string | null => {
      const tagOf = (name: string | null | undefined) => name?.split(' ')[1];
      const isAsRead = tagOf(current(key)?.version) === tagOf(version);
      return version === WHATEVER || isAsRead ? write(key, bytes) : null;
    },
    versions: (prefix: string) =>
      [...objects].flatMap(([key, versions]) =>
        key.startsWith(prefix) ? versions.toReversed().map(({ version }) => ({ key, version })) : [],
      ),
    remove: ({ key, version }: { key: string; version: string }): void => {
      const left = (objects.get(key) ?? []).filter((one) => one.version !== version);
      if (left.length !== (objects.get(key) ?? []).length) changed(key, left);
    },
  };
}
