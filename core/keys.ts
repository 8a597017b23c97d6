import type { ModelRef, RunRef } from './messages.ts';

/** Keys in the results and the model bucket, and those of the inbox that are reserved. They are deterministic: a repeated step overwrites itself and nothing else. */

/**
 * The folder of the inbox that is no scene file's, whatever lies in it: an object there shows that its event arrives, and
 * its execution ends in stepfunctions/pipeline.yml's state Canary.
 */
export const CANARY_FOLDER = 'swath-canary/';

/** Whether a key of the inbox is in the reserved folder; `inboxPrefix` is where in the bucket the inbox begins. */
export function isCanary(key: string, inboxPrefix = ''): boolean {
  return key.startsWith(inboxPrefix + CANARY_FOLDER);
}

/**
 * Whether an object of the inbox is a folder, as "Create folder" of the S3 console makes one: a name that ends in a slash,
 * and nothing else. One with bytes is a scene file like any other, and so is one of which nobody says how many it has. Its
 * event ends in stepfunctions/pipeline.yml's state Folder.
 */
export function isFolder({ key, size }: { key: string; size?: number | undefined }): boolean {
  return key.endsWith('/') && size === 0;
}

/** A part of a run's prepared chips. */
export function preparedKey(run: string, part: number): string {
  return `prepared/${run}/part-${number(part)}.arrow`;
}

/** A part of a run's predictions, in Hive style, so that Athena and DuckDB see model, version and date as columns. */
export function predictionsKey(run: Pick<RunRef, 'id' | 'model' | 'day'>, part: number): string {
  return `${predictionsPrefix(run)}${number(part)}.parquet`;
}

/** What the keys of a run's predictions begin with, and no others. */
export function predictionsPrefix(run: Pick<RunRef, 'id' | 'model' | 'day'>): string {
  return `predictions/model=${run.model.name}/version=${run.model.version}/date=${run.day}/${run.id}-`;
}

/** Where manifests lie: the lists of bulk files that batches are cut from. */
export function manifestKey(digest: string): string {
  return `manifests/${digest}.jsonl`;
}

/** The last part of a key that says of a folder of bulk files that all of them are there. */
const MARKER = '_DONE';

/** Whether a key is a bulk file's, or a marker's: it raises no run of its own. */
export function isBulk(key: string, bulkPrefix: string): boolean {
  return key.startsWith(bulkPrefix);
}

/** The folder of bulk files that a marker is about, with its slash; null where the key is no marker's. */
export function markedFolder(key: string, bulkPrefix: string): string | null {
  const folder = key.slice(0, -MARKER.length);
  return isBulk(key, bulkPrefix) && key.endsWith(`/${MARKER}`) ? folder : null;
}

/** A day's report on a model version, as a page to send or as JSON. */
export function reportKey({ name, version }: ModelRef, day: string, format: 'html' | 'json'): string {
  return `reports/model=${name}/version=${version}/date=${day}/report.${format}`;
}

/** A file of a model package. */
export function packageKey(model: ModelRef, file: string): string {
  return `${model.name}/${model.version}/${file}`;
}

/** The object that says which version of a model is promoted. */
export function promotedKey(name: string): string {
  return `${name}/promoted.json`;
}

function number(part: number): string {
  return String(part).padStart(5, '0');
}
