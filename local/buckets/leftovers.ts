import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFolder } from '../stack/dataFolder.ts';

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
 * Removes temporary files of a former owner that was killed. Only the owner may call this, before it writes anything itself: then
 * owners' temporary files belong to dead ones.
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
 * The same for processes beside the owner, which also write reports, model packages and the lock: young files may belong to a
 * living process.
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

/** Removes those now, and again when young ones have become old. Returns how to cancel that. */
export async function keepRemovingOthersLeftovers(folder: DataFolder): Promise<() => void> {
  await removeOthersLeftovers(folder);
  const again = setTimeout(() => void removeOthersLeftovers(folder).catch(() => {}), LIVING_MILLISECONDS);
  return () => clearTimeout(again);
}

async function removeIn(
  folder: string,
  pattern: RegExp,
  { recursive = true, except = () => false }: { recursive?: boolean; except?: (written: number) => boolean } = {},
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
