import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the embedded stack keeps everything: one folder, which survives a restart. */
export type DataFolder = {
  path: string;
  /** The buckets, a folder each. Files dropped into `inbox` are scene files. */
  inbox: string;
  results: string;
  models: string;
  /** The tables' database. */
  tables: string;
  /** What was published to CloudWatch. */
  metrics: string;
  /** The alarms' states. */
  alarms: string;
  /** The alarms' e-mails. */
  outbox: string;
  /** The functions' log lines. */
  log: string;
  /** Which version of which file the inbox holds. */
  versions: string;
  /** How far the demonstration's days have come. */
  replay: string;
  /** Who has the folder. */
  lock: string;
};

/** Names the folder's parts and makes what is missing. */
export function openDataFolder(path: string): DataFolder {
  const root = resolve(path);
  const folder = {
    path: root,
    inbox: join(root, 'inbox'),
    results: join(root, 'results'),
    models: join(root, 'models'),
    tables: join(root, 'tables'),
    metrics: join(root, 'metrics.jsonl'),
    alarms: join(root, 'alarms.json'),
    outbox: join(root, 'outbox'),
    log: join(root, 'swath.log'),
    versions: join(root, 'versions.jsonl'),
    replay: join(root, 'replay.json'),
    lock: join(root, 'lock.json'),
  };
  for (const part of [folder.inbox, folder.results, folder.models, folder.tables, folder.outbox])
    mkdirSync(part, { recursive: true });
  return folder;
}
