import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFolder } from './dataFolder.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** What `openInbox` copies aside. */
const COPY = new RegExp(`^\\.${UUID}\\.part$`);
/** What `writeToFolder` writes aside. */
const WRITE = new RegExp(`^\\.${UUID}\\.tmp$`);
/** What `takeLock` writes and moves aside. */
const LOCK = new RegExp(`^lock\\.json\\.${UUID}\\.tmp(?:\\.moved)?$`);

/** Where other processes write as well, a write of one that lives takes much less than this. */
const OTHERS_MILLISECONDS = 60_000;

/**
 * Removes what a killed process was writing aside when it ended, and nobody will ever rename into its place. Only the
 * folder's owner may call this, before it writes anything itself: so what only an owner writes is a dead one's. Reports
 * and model packages other processes write, too, and the lock; there, what is young is left alone.
 */
export async function removeLeftovers(folder: DataFolder, now = Date.now()): Promise<string[]> {
  const { path, inbox, results, models, outbox } = folder;
  const found = await Promise.all([
    removeIn(inbox, COPY, { recursive: false }),
    removeIn(join(results, 'prepared'), WRITE),
    removeIn(join(results, 'predictions'), WRITE),
    removeIn(join(results, 'manifests'), WRITE),
    removeIn(outbox, WRITE),
    removeIn(join(results, 'reports'), WRITE, { before: now - OTHERS_MILLISECONDS }),
    removeIn(models, WRITE, { before: now - OTHERS_MILLISECONDS }),
    removeIn(path, LOCK, { recursive: false, before: now - OTHERS_MILLISECONDS }),
  ]);
  return found.flat();
}

type Which = { recursive?: boolean; before?: number };

async function removeIn(folder: string, pattern: RegExp, { recursive = true, before }: Which = {}): Promise<string[]> {
  const entries = await readdir(folder, { recursive, withFileTypes: true }).catch(() => []); // none was made yet
  const removed: string[] = [];
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile() && pattern.test(entry.name))) {
    const file = join(parentPath, name);
    const about = await stat(file).catch(() => undefined);
    if (about === undefined || (before !== undefined && about.mtimeMs >= before)) continue;
    await rm(file, { force: true });
    removed.push(file);
  }
  return removed;
}
