import { readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { attempt, errorNamed, insteadOf } from '../../core/base/errors.ts';
import { makeFolder } from './makeFolder.ts';

/** The folder in which the embedded stack keeps everything across restarts. */
export type DataFolder = ReturnType<typeof dataFolderAt>;

/** There is no data folder at a path, or there cannot be one. */
export class NoDataFolder extends errorNamed('NoDataFolder') {}

/** Whether there is a data folder at a path, made by `openDataFolder`. Throws `NoDataFolder` if this user may not look. */
export function isDataFolder(path: string): boolean {
  const mayNotLook = insteadOf(['EACCES', 'EPERM'], ({ code }: NodeJS.ErrnoException) => {
    const found = `found a folder that you may not look into (${code}), such as one of another user`;
    return new NoDataFolder(`${path}: ${found}. Run the command as that user, or name your own by --data-dir.`);
  });
  return attempt(() => statSync(join(path, 'inbox'), { throwIfNoEntry: false }), mayNotLook) !== undefined;
}

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

/** Removes a folder that was made for nothing: its buckets are empty. */
export function removeUnused(path: string): void {
  const { path: root, inbox, once, results, models } = dataFolderAt(path);
  if ([inbox, once, results, models].every((bucket) => readdirSync(bucket).length === 0))
    rmSync(root, { recursive: true });
}

/** Creates missing parts. Throws `NoDataFolder` if there can be no folder, or for an empty path, as of a variable without a value. */
export function openDataFolder(path: string): DataFolder {
  const folder = dataFolderAt(path);
  const noFolder = insteadOf(['EEXIST', 'ENOENT', 'ENAMETOOLONG', 'ELOOP'], (cause: NodeJS.ErrnoException) => {
    const found = cause.code === 'EEXIST' ? 'a file, or a link to nothing' : `what takes no folder (${cause.code})`;
    return new NoDataFolder(`${path}: found ${found}, allowed is a folder, or a name for a new one.`, { cause });
  });
  if (path === '') throw new NoDataFolder('--data-dir: found no name, allowed is the name of a folder.');
  for (const part of [folder.inbox, folder.once, folder.results, folder.models, folder.tables, folder.outbox])
    attempt(() => makeFolder(part, 0o700), noFolder);
  return folder;
}
