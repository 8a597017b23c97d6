import { createHash } from 'node:crypto';
import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { INBOX } from '../../local/inbox.ts';
import type { OwnStack, Stack } from '../../local/stack.ts';
import type { Canary } from './canary.ts';
import { notLookedAt } from './check.ts';

/** A file has to stand still for two seconds; the rest is for a busy machine. */
const PATIENCE_MILLISECONDS = 20_000;
const LOOK_EVERY_MILLISECONDS = 200;

/** A canary of the embedded stack: a file that is moved into the inbox folder, as anybody would drop one. */
export function embeddedCanary({ folder, isWatching, startedBy }: Stack | OwnStack): Canary {
  const pathOf = (key: string) => join(folder.inbox, ...key.split('/'));
  return {
    inboxPrefix: '',
    patienceMilliseconds: PATIENCE_MILLISECONDS,
    lookEveryMilliseconds: LOOK_EVERY_MILLISECONDS,
    obstacle: async () => ((await isWatching()) ? null : notLookedAt('Nothing watches the inbox.')),
    put: async (key, bytes) => {
      const path = pathOf(key);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.part`, bytes);
      await rename(`${path}.part`, path);
      return { bucket: INBOX, key, versionId: createHash('sha256').update(bytes).digest('hex') };
    },
    findExecution: async ({ key }) => (await startedBy(key)) ?? undefined,
    remove: async ({ key }) => {
      await rm(pathOf(key));
      await rmdir(dirname(pathOf(key))).catch(() => {}); // another one lies there
    },
  };
}
