import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { attempt, errorNamed, insteadOf } from '../../core/base/errors.ts';

/** The folder in which the embedded stack keeps everything across restarts. */
export type DataFolder = ReturnType<typeof openDataFolder>;

/** There is no data folder at a path, or there cannot be one. */
export class NoDataFolder extends errorNamed('NoDataFolder') {}

/** Whether there is a data folder at a path, made by `openDataFolder`. */
export const isDataFolder = (path: string): boolean => existsSync(join(path, 'inbox'));

/** Names the folder's parts, and creates missing ones. Throws `NoDataFolder` if something else is in its place. */
export function openDataFolder(path: string) {
  const root = resolve(path);
  const folder = {
    path: root,
    /** As the user named it, for commands to copy. */
    named: path,
    /** The buckets, one folder each. Files dropped into `inbox` are scene files. */
    inbox: join(root, 'inbox'),
    /** What `swath classify` was given; nothing else looks for files there. */
    once: join(root, 'once'),
    results: join(root, 'results'),
    models: join(root, 'models'),
    tables: join(root, 'tables'),
    metrics: join(root, 'metrics.jsonl'),
    alarms: join(root, 'alarms.json'),
    outbox: join(root, 'outbox'),
    /** Messages, one folder for each queue. */
    queues: join(root, 'queues'),
    log: join(root, 'swath.log'),
    versions: join(root, 'versions.jsonl'),
    onceVersions: join(root, 'once.jsonl'),
    replay: join(root, 'replay.json'),
    lock: join(root, 'lock.json'),
  };
  const message = `${path}: found a file, allowed is a folder, or a name for a new one.`;
  const noFolder = insteadOf(['ENOTDIR', 'EEXIST'], (cause) => new NoDataFolder(message, { cause }));
  for (const part of [folder.inbox, folder.once, folder.results, folder.models, folder.tables, folder.outbox])
    attempt(() => mkdirSync(part, { recursive: true, mode: 0o700 }), noFolder);
  return folder;
}
