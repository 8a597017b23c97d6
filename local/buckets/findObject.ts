import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { ObjectNotFound } from '../../core/base/errors.ts';
import type { FindObject } from '../../core/base/objectStore.ts';
import { type Clock, cameAt } from '../stack/clock.ts';
import type { DataFolder } from '../stack/dataFolder.ts';
import { digest } from './fingerprint.ts';
import { type Inbox, ONCE, RESULTS } from './inbox.ts';
import { isBehindLink, isUnspoken, pathOf } from './inboxKey.ts';
import { readKept, versionOfKept } from './keptObjects.ts';

/** The buckets are folders by these names. A file's version is its content, of which the inbox knows that of what stands still. */
export function findObjectIn(
  folder: Pick<DataFolder, 'inbox' | 'once' | 'results'>,
  clock: Pick<Clock, 'toOwn'>,
  knownVersion: Inbox['knownVersion'],
): FindObject {
  return async ({ bucket, key, versionId }) => {
    try {
      const kept = bucket === RESULTS ? readKept(folder.results, key) : null;
      const found =
        bucket === RESULTS
          ? kept && { about: kept.about, version: versionOfKept(kept) }
          : await findIn(bucket === ONCE ? folder.once : folder.inbox, key);
      if (found === null || (versionId !== null && versionId !== found.version)) return 'missing';
      const { version, about } = found;
      const lastModified = cameAt(about.ctime, clock).toISOString();
      return { bucket, key, versionId: version, size: about.size, lastModified };
    } catch (error) {
      if (error instanceof ObjectNotFound) return 'missing'; // no file of the folder can have that key
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM') return 'forbidden';
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ERR_INVALID_ARG_VALUE')
        return 'missing';
      throw error;
    }
  };

  async function findIn(bucket: string, key: string): Promise<Found | null> {
    if (isUnspoken(key) || (await isBehindLink(bucket, key))) return null;
    const path = pathOf(bucket, key);
    const about = await lstat(path);
    if (!about.isFile()) return null;
    return { about, version: (bucket === folder.inbox ? await knownVersion(key) : null) ?? (await digest(path)) };
  }
}

type Found = { about: Stats; version: string };
