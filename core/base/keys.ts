import type { ModelRef, RunRef } from './messages.ts';

/** Keys in the buckets. They are deterministic: a repeated step overwrites only its own output. */

/** A folder of the inbox without scene files: an object there tests that events arrive, and ends in the state Canary. */
export const CANARY_FOLDER = 'swath-canary/';

/** Returns whether a key of the inbox is in the reserved folder; `inboxPrefix` is where the inbox begins in the bucket. */
export const isCanary = (key: string, inboxPrefix = ''): boolean => key.startsWith(inboxPrefix + CANARY_FOLDER);

type Named = { key: string; size?: number | undefined };
/**
 * A folder, as made by "Create folder" of the S3 console, is an empty object whose name ends in a slash. With bytes, or
 * without a known size, it is a scene file like any other. A folder's event ends in the state Folder of
 * stepfunctions/pipeline.yml.
 */
export const isFolder = ({ key, size }: Named): boolean => key.endsWith('/') && size === 0;

/** Endings of world files, which georeference an image with a matching extension: see siblings/names.ts. */
export const WORLD_FILE_ENDINGS: readonly string[] =
  '.wld .tfw .tifw .tiffw .pgw .pngw .jgw .jpgw .jpegw .wpw .webpw .j2w .jp2w'.split(' ');

/**
 * Endings of files that accompany scenes: notes, Earth Engine's mixer.json, GDAL's .aux.xml, masks and overviews. In
 * lower or upper case, as stepfunctions/pipeline.yml matches nothing else; their events end in its state Companion.
 */
export const COMPANION_ENDINGS: readonly string[] = '.txt .json .xml .md .html .pdf .msk .ovr'
  .split(' ')
  .concat(WORLD_FILE_ENDINGS);

/** Endings of STAC Items, which are scenes, whereas other JSON files only accompany some. */
export const ITEM_ENDINGS: readonly string[] = ['.stac.json', '.STAC.JSON'];

export const REQUEST_ENDINGS: readonly string[] = ['.request.json', '.REQUEST.JSON'];

/** The ends of the names of folders of a scene's files, or of a Zarr store, which are no scenes; the state machine uses them, too. */
export const ASSETS_FOLDERS: readonly string[] = ['.assets/', '.SAFE/', '.zarr/', '.ZARR/'];

/** The metadata of a Zarr store, which are the scene that its folder is. */
export const ZARR_ENDINGS: readonly string[] =
  '.zarr/zarr.json .zarr/.zmetadata .ZARR/zarr.json .ZARR/.zmetadata'.split(' ');

export const isZarr = (key: string): boolean => ZARR_ENDINGS.some((ending) => key.endsWith(ending));

/** The names by which NetCDF4 and HDF5 files are scenes; the state machine has them, too. */
export const HDF5_ENDINGS: readonly string[] = '.nc .nc4 .h5 .hdf5 .he5 .NC .NC4 .H5 .HDF5 .HE5'.split(' ');

export const isHdf5 = (key: string): boolean => HDF5_ENDINGS.some((ending) => key.endsWith(ending));

/** A file of Landsat Collection 2 in a folder of its product's name; as patterns in the state machine. */
const LANDSAT_FILE = /_(L1TP|L1GT|L1GS|L2SP|L2SR)_.*_(02_(?:RT|T1|T2))\/.*_\1_.*_\2_/s;

/** A file of HLS in a folder of its granule's name; as patterns in the state machine. */
const HLS_FILE = /HLS\.(L30|S30)\..*\.v2\.0\/HLS\.\1\..*\.v2\.0\./s;

/** Returns whether a key is that of the metadata in a scene's folder, as its agency delivers it: they are the scene. */
export function isProductMetadata(key: string): boolean {
  const isLandsat = key.endsWith('_MTL.xml') && LANDSAT_FILE.test(key);
  const isHls = key.endsWith('.cmr.xml') && HLS_FILE.test(key);
  const isSentinel = /\.SAFE\/MTD_MSIL(1C|2A)\.xml$|_GRD.*\.SAFE\/manifest\.safe$/s.test(key);
  return (isLandsat || isHls || isSentinel) && !/\.(assets|zarr|ZARR)\//.test(key);
}

export const isFolderScene = (key: string): boolean => isZarr(key) || isProductMetadata(key);

/** Returns whether a scene file is read alone: together with others, which have to be there, or by decoders of its own. */
export const readsOthers = (key: string): boolean =>
  ITEM_ENDINGS.some((ending) => key.endsWith(ending)) || isFolderScene(key) || isHdf5(key);

export const isAsset = (key: string): boolean => assetsFolder(key) !== undefined;

function assetsFolder(key: string): string | undefined {
  if (isProductMetadata(key)) return undefined;
  const around = isZarr(key) ? key.slice(0, key.toLowerCase().lastIndexOf('.zarr/')) : key;
  const [, , collection] = LANDSAT_FILE.exec(key) ?? [];
  const ofProduct = collection ? `_${collection}/` : HLS_FILE.test(key) ? '.v2.0/' : undefined;
  return ASSETS_FOLDERS.find((ending) => around.includes(ending)) ?? ofProduct;
}

/** Returns the ending or folder by which a key is no scene file, as written in the key; undefined if it has neither. */
export const companionEnding = (key: string): string | undefined =>
  assetsFolder(key) ?? (isFolderScene(key) ? undefined : companionOfName(key));

/** Returns the ending of a file that only accompanies others, whatever its folder; undefined of all others. */
export function companionOfName(key: string): string | undefined {
  if ([...ITEM_ENDINGS, ...REQUEST_ENDINGS].some((ending) => key.endsWith(ending))) return undefined;
  return COMPANION_ENDINGS.flatMap((ending) => [ending, ending.toUpperCase()]).find((ending) => key.endsWith(ending));
}

/** Returns whether an object of the inbox is a scene file: neither a folder nor a companion. */
export const isSceneFile = (one: Named): boolean => !isFolder(one) && companionEnding(one.key) === undefined;

export const preparedKey = (run: string, part: number): string => `${preparedPrefix(run)}part-${number(part)}.arrow`;

export const preparedPrefix = (run: string): string => `prepared/${run}/`;

/** Returns the key of an attempt's summary of a part; not among the predictions, which readers list as a whole. */
export const summaryKey = ({ id, attempt }: Pick<RunRef, 'id' | 'attempt'>, part: number): string =>
  `summaries/${id}/attempt-${attempt}/part-${number(part)}.json`;

/** Returns the key of an attempt's results for the pixels of a part: pieces of the run's maps. */
export const piecesKey = ({ id, attempt }: Pick<RunRef, 'id' | 'attempt'>, part: number): string =>
  `pieces/${id}/attempt-${attempt}/part-${number(part)}.zst`;

type DayOfRun = Pick<RunRef, 'id' | 'model' | 'day'>;

/** The key of a run's map, a Cloud Optimized GeoTIFF; not in predictions/, where every file is read as a table's. */
export const mapKey = (run: DayOfRun, map: 'predictions' | 'unsure' | 'probabilities'): string =>
  `${mapsPrefix(run)}${map === 'predictions' ? '' : `-${map}`}.tif`;

export const mapNamesKey = (run: DayOfRun): string => `${mapKey(run, 'predictions')}.aux.xml`;

export const resultItemKey = (run: DayOfRun): string => `${mapsPrefix(run)}.json`;

/** Returns the prefix of exactly the keys of a run's maps and their Item. */
export const mapsPrefix = (run: DayOfRun): string => inPartition('maps', run);

export const predictionsKey = (run: DayOfRun, part: number): string =>
  `${predictionsPrefix(run)}${number(part)}.parquet`;

export const predictionsPrefix = (run: DayOfRun): string => `${inPartition('predictions', run)}-`;

/** Returns the key of a part of a shadow's predictions; not in predictions/, where every file counts. */
export const shadowPredictionsKey = (run: DayOfRun, part: number): string =>
  `${inPartition('shadows', run)}-${number(part)}.parquet`;

/** In Hive style, so that Athena and DuckDB see model, version and date as columns. */
const inPartition = (folder: string, { id, model, day }: DayOfRun): string =>
  `${folder}/model=${model.name}/version=${model.version}/date=${day}/${id}`;

/** Returns the key of a shadow's results for the pixels of a part: pieces of the map that it would make. */
export const shadowPiecesKey = (run: string, part: number): string => `shadows/pieces/${run}/part-${number(part)}.zst`;

/**
 * Returns the key of a job's message, by the name of the execution that asks for it, the last part of its ARN, and what it
 * works on: a run's or a batch's id, or `shadow`. The state machine makes it, too.
 */
export const jobKey = (execution: string, work: string): string =>
  `jobs/${execution.slice(execution.lastIndexOf(':') + 1)}/${work}.json`;

export const manifestKey = (digest: string): string => `manifests/${digest}.jsonl`;

/**
 * Returns the key of a request as it was sent, which is the scene file of its inline inputs. An equals sign, which no id
 * has, keeps it from ending as a scene file of the inbox does.
 */
export const requestKey = (id: string): string => `requests/${id}${/\.(request|stac)$/.test(id) ? '=' : ''}.json`;

/** The key of messages with predictions answered over HTTP: a scene file whose chips come with their predictions. */
export const answeredKey = (digest: string): string => `answered/${digest}.jsonl`;

export const truthKey = (run: DayOfRun): string => `${inPartition('truth', run)}.parquet`;

/** Returns the key of the masks that stated the truth of a run's pixels: pieces of a map, from which later versions learn. */
export const masksKey = (run: DayOfRun): string => `${inPartition('masks', run)}.zst`;

/** The name of the marker object that says that a folder of bulk files is complete. */
const MARKER = '_DONE';

/** Returns whether a key is a bulk file's or a marker's, which does not start a run of its own. */
export const isBulk = (key: string, bulkPrefix: string): boolean => key.startsWith(bulkPrefix);

/** Returns the folder of bulk files that a marker is about, with its slash; null if the key is not a marker's. */
export const markedFolder = (key: string, bulkPrefix: string): string | null =>
  isBulk(key, bulkPrefix) && key.endsWith(`/${MARKER}`) ? key.slice(0, -MARKER.length) : null;

export const tableKey = (table: string, day: string, part: number): string =>
  `${table}/date=${day}/part-${number(part)}.parquet`;

export const reportKey = (model: ModelRef, day: string, format: 'html' | 'json'): string =>
  `${reportsPrefix(model, day)}report.${format}`;

export const reportsPrefix = ({ name, version }: ModelRef, day: string): string =>
  `reports/model=${name}/version=${version}/date=${day}/`;

export const packageKey = (model: ModelRef, file: string): string => `${model.name}/${model.version}/${file}`;

export const promotedKey = (name: string): string => `${name}/promoted.json`;

/** Returns the key of the object that says which version of a model shadows the live one. */
export const shadowKey = (name: string): string => `${name}/shadow.json`;

/** Returns the prefix of a model's promotion records. No model has such a name. */
export const promotionsPrefix = (name: string): string => `_promotions/${name}/`;

/**
 * Returns the key of a record of promotions: by the number of the promotion, so that no clock decides the order, and how
 * many attempts the gate has refused since; a refusal's key ends in a few digits of its digest.
 */
export const promotionKey = (name: string, nth: number, refused = 0, digits = ''): string =>
  `${promotionsPrefix(name)}${String(nth).padStart(8, '0')}-${number(refused)}${digits && `-${digits}`}.json`;

/** Returns the key of the object that says whether a version was only ever tried; without one, it was not. */
export const trialKey = (model: ModelRef): string => packageKey(model, 'trial.json');

/** Returns the key of the object that says what was published as a version, and from where. */
export const publicationKey = (model: ModelRef): string => packageKey(model, 'publication.json');

/** Returns the key of what was last seen of a watched alias, by a digest of its name. No model has such a name. */
export const watchedKey = (digest: string): string => `_watched/${digest}.json`;

export const retrainedKey = (name: string): string => `_retrained/${name}.json`;

/** The object that says which models are live. No model has that name: a key cannot be both an object and a folder. */
export const SERVING_KEY = 'serving.json';

const number = (part: number): string => String(part).padStart(5, '0');
