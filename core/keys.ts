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

/** Endings of world files, which say where a picture lies whose ending they have in short or in full: see siblings/names.ts. */
export const WORLD_FILE_ENDINGS: readonly string[] = 'wld tfw tifw tiffw pgw pngw jgw jpgw jpegw wpw webpw j2w jp2w'
  .split(' ')
  .map((ending) => `.${ending}`);

/**
 * Endings of files that come beside scenes and are none: notes, Earth Engine's mixer.json, GDAL's .aux.xml. In small or in
 * capital letters, as stepfunctions/pipeline.yml has them, whose matching knows no other way; an event of one ends in its
 * state Companion.
 */
export const COMPANION_ENDINGS: readonly string[] = [
  '.txt',
  '.json',
  '.xml',
  '.md',
  '.html',
  '.pdf',
  ...WORLD_FILE_ENDINGS,
];

/** Endings of STAC Items, which are scenes, where other JSON files only come beside some. */
export const ITEM_ENDINGS: readonly string[] = ['.stac.json', '.STAC.JSON'];

/** Endings of requests for predictions, which are scenes in the same way. */
export const REQUEST_ENDINGS: readonly string[] = ['.request.json', '.REQUEST.JSON'];

/** The end of the name of a folder whose files are a STAC Item's, and no scenes by themselves; the state machine knows it as well. */
export const ASSETS_FOLDER = '.assets/';

/**
 * By what a key of the inbox is no scene file's, as the key has it: its ending, or the folder that it is in; undefined where it
 * has none of them.
 */
export function companionEnding(key: string): string | undefined {
  if (key.includes(ASSETS_FOLDER)) return ASSETS_FOLDER;
  if ([...ITEM_ENDINGS, ...REQUEST_ENDINGS].some((ending) => key.endsWith(ending))) return undefined;
  return COMPANION_ENDINGS.flatMap((ending) => [ending, ending.toUpperCase()]).find((ending) => key.endsWith(ending));
}

/** Whether an object of the inbox is neither a folder nor what comes beside scenes. */
export function isSceneFile({ key, size }: { key: string; size?: number | undefined }): boolean {
  return !isFolder({ key, size }) && companionEnding(key) === undefined;
}

export function preparedKey(run: string, part: number): string {
  return `prepared/${run}/part-${number(part)}.arrow`;
}

/** What an attempt has found of a part, beside its predictions and out of the way of whoever reads all of those. */
export function summaryKey({ id, attempt }: Pick<RunRef, 'id' | 'attempt'>, part: number): string {
  return `summaries/${id}/attempt-${attempt}/part-${number(part)}.json`;
}

/** What an attempt has found for the pixels of a part: pieces of the run's maps. */
export function piecesKey({ id, attempt }: Pick<RunRef, 'id' | 'attempt'>, part: number): string {
  return `pieces/${id}/attempt-${attempt}/part-${number(part)}.zst`;
}

type DayOfRun = Pick<RunRef, 'id' | 'model' | 'day'>;

/** A run's map, which is a Cloud Optimized GeoTIFF. Beside predictions/ and not in it, where readers take each file for a table's. */
export function mapKey(run: DayOfRun, map: 'predictions' | 'probabilities'): string {
  return `${mapsPrefix(run)}${map === 'predictions' ? '' : `-${map}`}.tif`;
}

/** What GDAL reads beside a run's map of classes: their names. */
export function mapNamesKey(run: DayOfRun): string {
  return `${mapKey(run, 'predictions')}.aux.xml`;
}

/** The STAC Item of a run's results. */
export function resultItemKey(run: DayOfRun): string {
  return `${mapsPrefix(run)}.json`;
}

/** What the keys of a run's maps and of their Item begin with, and no others. */
export function mapsPrefix({ id, model, day }: DayOfRun): string {
  return `maps/model=${model.name}/version=${model.version}/date=${day}/${id}`;
}

/** A part of a run's predictions, in Hive style, so that Athena and DuckDB see model, version and date as columns. */
export function predictionsKey(run: Pick<RunRef, 'id' | 'model' | 'day'>, part: number): string {
  return `${predictionsPrefix(run)}${number(part)}.parquet`;
}

/** What the keys of a run's predictions begin with, and no others. */
export function predictionsPrefix(run: Pick<RunRef, 'id' | 'model' | 'day'>): string {
  return `predictions/model=${run.model.name}/version=${run.model.version}/date=${run.day}/${run.id}-`;
}

/** A part of a shadow's predictions: beside predictions/ and not in it, where readers take each file for what counts. */
export function shadowPredictionsKey({ id, model, day }: DayOfRun, part: number): string {
  return `shadows/model=${model.name}/version=${model.version}/date=${day}/${id}-${number(part)}.parquet`;
}

/** What a shadow has found for the pixels of a part: pieces of the map that it would make of its run. */
export function shadowPiecesKey(run: string, part: number): string {
  return `shadows/pieces/${run}/part-${number(part)}.zst`;
}

/** Where manifests lie: the lists of bulk files that batches are cut from. */
export function manifestKey(digest: string): string {
  return `manifests/${digest}.jsonl`;
}

/** A request as it was sent, which is the scene file of the inputs that came with it. */
export function requestKey(id: string): string {
  return `requests/${id}.json`;
}

/** Predictions that were given over HTTP, as messages brought them: a scene file whose chips are predicted already. */
export function answeredKey(digest: string): string {
  return `answered/${digest}.jsonl`;
}

/** What was said later of the chips of a run, in Hive style as its predictions are. */
export function truthKey({ id, model, day }: DayOfRun): string {
  return `truth/model=${model.name}/version=${model.version}/date=${day}/${id}.parquet`;
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

/** A file of the table `runs` or `metrics`, which have a folder for each day. */
export function tableKey(table: string, day: string, part: number): string {
  return `${table}/date=${day}/part-${number(part)}.parquet`;
}

/** A day's report on a model version, as a page to send or as JSON. */
export function reportKey({ name, version }: ModelRef, day: string, format: 'html' | 'json'): string {
  return `reports/model=${name}/version=${version}/date=${day}/report.${format}`;
}

export function packageKey(model: ModelRef, file: string): string {
  return `${model.name}/${model.version}/${file}`;
}

/** The object that says which version of a model is promoted. */
export function promotedKey(name: string): string {
  return `${name}/promoted.json`;
}

/** The object that says which version of a model shadows the live one. */
export function shadowKey(name: string): string {
  return `${name}/shadow.json`;
}

/** What the keys of a model's promotions begin with. No model has such a name. */
export function promotionsPrefix(name: string): string {
  return `_promotions/${name}/`;
}

/** A promotion that was: by its time, and a few digits of what it says. */
export function promotionKey(name: string, at: string, digits: string): string {
  return `${promotionsPrefix(name)}${at.replace(/[:.]/g, '-')}-${digits}.json`;
}

/** The object that says whether a version was only ever tried by somebody: of one without it, nobody says so. */
export function trialKey(model: ModelRef): string {
  return packageKey(model, 'trial.json');
}

/** The object that says where a version was published from, where that was no folder. */
export function publicationKey(model: ModelRef): string {
  return packageKey(model, 'publication.json');
}

/** What was last seen of an alias that is watched, by a digest of what it is called. No model has such a name. */
export function watchedKey(digest: string): string {
  return `_watched/${digest}.json`;
}

/** The object that says which models are live. No model's folder has that name: a key is an object or a folder. */
export const SERVING_KEY = 'serving.json';

function number(part: number): string {
  return String(part).padStart(5, '0');
}
