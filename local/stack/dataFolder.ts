import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { attempt, errorNamed, insteadOf } from '../../core/base/errors.ts';
import { makeFolder } from './makeFolder.ts';

/** The folder in which the embedded stack keeps everything across restarts. */
export type DataFolder = ReturnType<typeof dataFolderAt>;

/** There is no data folder at a path, or there cannot be one. */
export class NoDataFolder extends errorNamed('NoDataFolder') {}

const OBSTACLES: Record<string, string> = {
  EEXIST: 'a file, or a link to nothing',
  ENOENT: 'a place that takes no folders',
  ENAMETOOLONG: 'a name that is too long',
  ELOOP: 'a link that leads to itself',
};

/** Whether there is a data folder at a path, made by `openDataFolder`. */
export const isDataFolder = (path: string): boolean => existsSync(join(path, 'inbox'));

/** Names the folder's parts, whether it is there or not. */
export function dataFolderAt(path: string) {
  const root = resolve(path);
  return {
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
}

/** Creates missing parts. Throws `NoDataFolder` if there can be no folder. */
export function openDataFolder(path: string): DataFolder {
  const folder = dataFolderAt(path);
  const noFolder = insteadOf(Object.keys(OBSTACLES), (cause: NodeJS.ErrnoException) => {
    const found = OBSTACLES[cause.code!];
    return new NoDataFolder(`${path}: found ${found}, allowed is a folder, or a name for a new one.`, { cause });
  });
  for (const part of [folder.inbox, folder.once, folder.results, folder.models, folder.tables, folder.outbox])
    attempt(() => makeFolder(part, 0o700), noFolder);
  return folder;
}
