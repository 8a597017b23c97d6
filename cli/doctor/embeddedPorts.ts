import { hash } from 'node:crypto';
import { access, constants, mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { INBOX } from '../../local/buckets/inbox.ts';
import { embeddedService } from '../../local/stack/embeddedService.ts';
import type { OwnStack, Stack } from '../../local/stack/stack.ts';
import { commandFor, pathFromHere, type Where } from '../service/where.ts';
import type { Canary, Time } from './canary.ts';
import { notLookedAt } from './check.ts';

export type EmbeddedPorts = ReturnType<typeof openEmbeddedPorts>;

export function openEmbeddedPorts(stack: Stack | OwnStack, where: Where, time: Time) {
  const { folder, isWatching, readOutbox, startedBy } = stack;
  const service = embeddedService(stack);
  const pathOf = (key: string) => join(folder.inbox, ...key.split('/'));
  const command = (text: string): string => commandFor(where, text);
  return {
    ...time,
    command,
    howToPromote: `Promote one (${command('model promote NAME/VERSION')}); in a new folder, the bundled one: ${command('start')}`,
    inbox: pathFromHere(folder.inbox),
    outbox: pathFromHere(folder.outbox),
    service: async () => service,
    /** A canary of the embedded stack: a file that is moved into the inbox folder, as a user would drop one. */
    canary: async (): Promise<Canary> => ({
      inboxPrefix: '',
      patienceMilliseconds: 20_000, // a file must not change for two seconds; the rest is for a busy machine
      lookEveryMilliseconds: 200,
      obstacle: async () => ((await isWatching()) ? null : notLookedAt('Nothing watches the inbox.')),
      put: async (key, bytes) => {
        const path = pathOf(key);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(`${path}.part`, bytes);
        await rename(`${path}.part`, path);
        return { bucket: INBOX, key, versionId: hash('sha256', bytes) };
      },
      findExecution: async ({ key }) => (await startedBy(key)) ?? undefined,
      remove: async ({ key }) => {
        await rm(pathOf(key));
        await rmdir(dirname(pathOf(key))).catch(() => {}); // another canary is there
      },
    }),
    reachBucket: async (bucket: 'inbox' | 'results' | 'models') => {
      await access(folder[bucket], constants.R_OK | constants.W_OK);
      return pathFromHere(folder[bucket]);
    },
    isWatching,
    readOutbox,
  };
}
