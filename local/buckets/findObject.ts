import { lstat } from 'node:fs/promises';
import { ObjectNotFound, onError } from '../../core/base/errors.ts';
import type { FindObject } from '../../core/base/objectStore.ts';
import { type Clock, cameAt } from '../stack/clock.ts';
import type { DataFolder } from '../stack/dataFolder.ts';
import { digest } from './fingerprint.ts';
import { type Inbox, ONCE, RESULTS } from './inbox.ts';
import { isIrregular, isUnspoken, pathOf } from './inboxKey.ts';
import { NO_FILE } from './plainFile.ts';

/** The buckets are folders by these names. A file's version is its content, of which the inbox knows that of what stands still. */
export function findObjectIn(
  folder: Pick<DataFolder, 'inbox' | 'once' | 'results'>,
  clock: Pick<Clock, 'toOwn'>,
  knownVersion: Inbox['knownVersion'],
): FindObject {
  return async ({ bucket, key, versionId }) => {
    const found = await findIn(bucket, key)
      .catch(onError(['EACCES', 'EPERM'], () => 'forbidden' as const))
      .catch(onError([ObjectNotFound, ...NO_FILE], () => null)); // no file of the folder can have that key
    if (found === 'forbidden') return found;
    if (found === null || (versionId !== null && versionId !== found.version)) return 'missing';
    const { size, ctime } = found.about;
    return { bucket, key, versionId: found.version, size, lastModified: cameAt(ctime, clock).toISOString() };
  };

  async function findIn(bucket: string, key: string) {
    const within = bucket === ONCE ? folder.once : bucket === RESULTS ? folder.results : folder.inbox;
    if (isUnspoken(key) || (await isIrregular(within, key))) return null;
    const path = pathOf(within, key);
    const about = await lstat(path);
    if (!about.isFile()) return null;
    const known = within === folder.inbox ? await knownVersion(key) : null;
    return { about, version: known ?? (await digest(path)) };
  }
}
