import { access, constants } from 'node:fs/promises';
import { relative } from 'node:path';
import { embeddedService } from '../../local/embeddedService.ts';
import type { OwnStack, Stack } from '../../local/stack.ts';
import { commandFor, type Where } from '../where.ts';
import type { Canary } from './canary.ts';
import { embeddedCanary } from './embeddedCanary.ts';
import type { ReachBucket } from './storage.ts';
import type { Time } from './time.ts';

/** What a doctor looks at of the embedded stack. */
export type EmbeddedPorts = ReturnType<typeof openEmbeddedPorts>;

export function openEmbeddedPorts(stack: Stack | OwnStack, where: Where, time: Time) {
  const { folder, isWatching, readOutbox } = stack;
  const service = embeddedService(stack);
  const reachBucket: ReachBucket = async (bucket) => {
    await access(folder[bucket], constants.R_OK | constants.W_OK);
    return shown(folder[bucket]);
  };
  /** A command about the same data folder. */
  const command = (text: string): string => commandFor(where, text);
  return {
    ...time,
    command,
    howToPromote: `To have the bundled one published and promoted: ${command('start')}`,
    inbox: shown(folder.inbox),
    outbox: shown(folder.outbox),
    service: async () => service,
    canary: async (): Promise<Canary> => embeddedCanary(stack),
    ...{ reachBucket, isWatching, readOutbox },
  };
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
