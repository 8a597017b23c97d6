import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the embedded stack keeps everything: one folder, which survives a restart. */
export type DataFolder = ReturnType<typeof openDataFolder>;

/** There is none at a path, or there cannot be. */
export class NoDataFolder extends Error {
  override readonly name = 'NoDataFolder';
}

/** Whether there is a data folder at a path, made by `openDataFolder`. */
export function isDataFolder(path: string): boolean {
  return existsSync(join(path, 'inbox'));
}

/**
 * Names the folder's parts and makes what is missing.
 * @throws {NoDataFolder} where something else lies in its place
 */
export function openDataFolder(path: string) {
  const root = resolve(path);
  const folder = {
    path: root,
    /** The buckets, a folder each. Files dropped into `inbox` are scene files. */
    inbox: join(root, 'inbox'),
    results: join(root, 'results'),
    models: join(root, 'models'),
    tables: join(root, 'tables'),
    metrics: join(root, 'metrics.jsonl'),
    alarms: join(root, 'alarms.json'),
    outbox: join(root, 'outbox'),
    /** Messages, in a folder for each queue. */
    queues: join(root, 'queues'),
    log: join(root, 'swath.log'),
    /** Which version of which file the inbox holds. */
    versions: join(root, 'versions.jsonl'),
    /** How far the demonstration's days have come. */
    replay: join(root, 'replay.json'),
    lock: join(root, 'lock.json'),
  };
  for (const part of [folder.inbox, folder.results, folder.models, folder.tables, folder.outbox])
    try {
      mkdirSync(part, { recursive: true });
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== 'ENOTDIR' && code !== 'EEXIST') throw cause;
      throw new NoDataFolder(`${path}: found a file, allowed is a folder, or a name for a new one.`, { cause });
    }
  return folder;
}
