import { hash } from 'node:crypto';
import { ObjectNotFound } from '../../core/base/errors.ts';
import type { Bucket } from '../../core/base/objectStore.ts';

/** A bucket in memory; each write is announced by its key. */
export function memoryBucket(objects: Map<string, Uint8Array>, onWrite: (key: string) => void = () => {}): Bucket {
  const versionOf = (bytes: Uint8Array | undefined) => (bytes === undefined ? null : hash('sha256', bytes));
  const write: Bucket['write'] = async (key, bytes) => {
    objects.set(key, bytes);
    onWrite(key);
  };
  return {
    write,
    read: async (key) => {
      const bytes = objects.get(key);
      if (bytes === undefined) throw new ObjectNotFound(`${key} does not exist.`);
      return bytes;
    },
    list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    readVersion: async (key) => {
      const bytes = objects.get(key);
      return bytes === undefined ? null : { bytes, version: versionOf(bytes)! };
    },
    replaceVersion: async (key, bytes, version) => {
      if (versionOf(objects.get(key)) !== version) return null;
      await write(key, bytes);
      return versionOf(bytes);
    },
  };
}
