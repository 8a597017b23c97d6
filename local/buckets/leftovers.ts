import { readdir, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { DataFolder } from '../stack/dataFolder.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** What `openInbox` copies aside. */
const COPY = new RegExp(`^\\.${UUID}\\.part$`);
/** What buckets of folders write aside, and what keeps others out meanwhile. */
const WRITE = new RegExp(`^\\.(?:${UUID}|.+\\.held)\\.tmp$`);
/** What `takeLock` writes and moves aside. */
const LOCK = new RegExp(`^lock\\.json\\.${UUID}\\.tmp(?:\\.moved)?$`);

/** A write of a process that lives takes much less than this. */
const LIVING_MILLISECONDS = 60_000;

/**
 * Removes temporary files of killed processes, before the owner writes anything: of its predecessor, or of a worker that
 * did not stop in time. Other processes write packages, reports, truths and the lock: young files there stay.
 */
export async function removeLeftovers(folder: DataFolder): Promise<void> {
  const { models, outbox, results, lock } = folder;
  const feeds = join(folder.inbox, 'feeds', sep);
  const ofOthers = [feeds, models + sep, join(results, 'reports', sep), join(results, 'truth', sep), lock];
  const isOfOthers = (file: string) => ofOthers.some((beginning) => file.startsWith(beginning));
  const isYoung = (written: number) => Math.abs(Date.now() - written) < LIVING_MILLISECONDS; // a clock may have been ahead
  const stays = (file: string, written: number) => isOfOthers(file) && isYoung(written);
  const removeIn = async (within: string, pattern: RegExp, recursive = true) => {
    const entries = await readdir(within, { recursive, withFileTypes: true }).catch(() => []); // none was made yet
    for (const { parentPath, name } of entries.filter((entry) => entry.isFile() && pattern.test(entry.name))) {
      const file = join(parentPath, name);
      const about = await stat(file).catch(() => undefined);
      if (about !== undefined && !stays(file, about.mtimeMs)) await rm(file, { force: true });
    }
  };
  await removeIn(folder.inbox, COPY, false);
  for (const one of [feeds, outbox, results, models]) await removeIn(one, WRITE);
  await removeIn(folder.path, LOCK, false);
}
