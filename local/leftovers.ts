import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFolder } from './dataFolder.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** What `openInbox` copies aside. */
const COPY = new RegExp(`^\\.${UUID}\\.part$`);
/** What `writeToFolder` writes aside: the folder's owner, and anybody. */
const OWN_WRITE = new RegExp(`^\\.${UUID}\\.own\\.tmp$`);
const WRITE = new RegExp(`^\\.${UUID}(?:\\.own)?\\.tmp$`);
/** What `takeLock` writes and moves aside. */
const LOCK = new RegExp(`^lock\\.json\\.${UUID}\\.tmp(?:\\.moved)?$`);

/** A write of a process that lives takes much less than this. */
const LIVING_MILLISECONDS = 60_000;

/**
 * Removes what a former owner of the folder was writing aside when it was killed, and nobody will ever rename into its
 * place. Only the owner may call this, before it writes anything itself: so what only an owner writes is a dead one's.
 */
export async function removeLeftovers({ inbox, results, models, outbox }: DataFolder): Promise<string[]> {
  const found = await Promise.all([
    removeIn(inbox, COPY, { recursive: false }),
    removeIn(outbox, WRITE), // nobody else writes there
    removeIn(results, OWN_WRITE),
    removeIn(models, OWN_WRITE),
  ]);
  return found.flat();
}

/**
 * The same of processes beside the owner, which write reports and model packages, too, and the lock: what is young may be
 * a living one's.
 */
export async function removeOthersLeftovers(folder: DataFolder, now = Date.now()): Promise<string[]> {
  const isYoung = (written: number) => Math.abs(now - written) < LIVING_MILLISECONDS; // a clock may have been ahead
  const found = await Promise.all([
    removeIn(folder.results, WRITE, { except: isYoung }),
    removeIn(folder.models, WRITE, { except: isYoung }),
    removeIn(folder.path, LOCK, { recursive: false, except: isYoung }),
  ]);
  return found.flat();
}

/** Removes those now, and once more when what is young now no longer is. Answers how to stop waiting for that. */
export async function keepRemovingOthersLeftovers(folder: DataFolder): Promise<() => void> {
  await removeOthersLeftovers(folder);
  const again = setTimeout(() => void removeOthersLeftovers(folder).catch(() => {}), LIVING_MILLISECONDS);
  return () => clearTimeout(again);
}

type Which = { recursive?: boolean; except?: (written: number) => boolean };

async function removeIn(
  folder: string,
  pattern: RegExp,
  { recursive = true, except = () => false }: Which = {},
): Promise<string[]> {
  const entries = await readdir(folder, { recursive, withFileTypes: true }).catch(() => []); // none was made yet
  const removed: string[] = [];
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile() && pattern.test(entry.name))) {
    const file = join(parentPath, name);
    const about = await stat(file).catch(() => undefined);
    if (about === undefined || except(about.mtimeMs)) continue;
    await rm(file, { force: true });
    removed.push(file);
  }
  return removed;
}
