import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FindObject } from '../core/objectStore.ts';
import { type Clock, cameAt } from './clock.ts';
import { digest } from './fingerprint.ts';
import { INBOX, type Inbox } from './inbox.ts';
import { isBehindLink, isUnspoken, pathOf } from './inboxKey.ts';

/** The buckets are folders by these names. A file's version is its content, of which the inbox knows that of what stands still. */
export function findObjectIn(
  folder: { inbox: string; results: string },
  clock: Pick<Clock, 'toOwn'>,
  knownVersion: Inbox['knownVersion'],
): FindObject {
  return async ({ bucket, key, versionId }) => {
    const isInbox = bucket === INBOX;
    const root = isInbox ? folder.inbox : folder.results;
    try {
      if (isInbox && (isUnspoken(key) || (await isBehindLink(root, key)))) return 'missing';
      const path = isInbox ? pathOf(root, key) : join(root, ...key.split('/'));
      const about = await lstat(path);
      if (!about.isFile()) return 'missing';
      const version = (isInbox ? await knownVersion(key) : null) ?? (await digest(path));
      if (versionId !== null && versionId !== version) return 'missing';
      const lastModified = cameAt(about.ctime, clock).toISOString();
      return { bucket, key, versionId: version, size: about.size, lastModified };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM') return 'forbidden';
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ERR_INVALID_ARG_VALUE')
        return 'missing';
      throw error;
    }
  };
}
