import { ObjectNotFound } from '../../core/base/errors.ts';
import type {
  ListVersions,
  ReadObject,
  ReadPiece,
  ReadVersion,
  RemoveVersion,
  ReplaceVersion,
  WriteObject,
} from '../../core/base/objectStore.ts';

/** For tests: the results as a bucket in memory that keeps one version of each object. */
export function makeTestResults() {
  const objects = new Map<string, { bytes: Uint8Array; version: string }>();
  let writes = 0;

  function put(key: string, bytes: Uint8Array): string {
    writes += 1;
    objects.set(key, { bytes: bytes.slice(), version: `w${writes}` });
    return `w${writes}`;
  }

  const readResult: ReadObject = async (key) => {
    const found = objects.get(key);
    if (found === undefined) throw new ObjectNotFound(`${key} does not exist.`);
    return found.bytes;
  };
  const writeResult: WriteObject = async (key, bytes) => void put(key, bytes);
  const readPiece: ReadPiece = async (key, offset, length) => (await readResult(key)).subarray(offset, offset + length);
  const readVersion: ReadVersion = async (key) => objects.get(key) ?? null;
  const replaceVersion: ReplaceVersion = async (key, bytes, version) =>
    (objects.get(key)?.version ?? null) === version ? put(key, bytes) : null;
  const listVersions: ListVersions = async (prefix) =>
    [...objects].filter(([key]) => key.startsWith(prefix)).map(([key, { version }]) => ({ key, version }));
  const removeVersion: RemoveVersion = async ({ key, version }) => {
    if (objects.get(key)?.version === version) objects.delete(key);
  };

  return {
    objects,
    put,
    keys: () => [...objects.keys()],
    ports: { readResult, writeResult, readPiece, readVersion, replaceVersion, listVersions, removeVersion },
  };
}
