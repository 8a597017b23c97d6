import { FUNCTIONS, type FunctionName, STAGE_FUNCTIONS, type StageFunction } from '../../../core/base/functions.ts';
import type { Modules } from './modules.ts';

/** Something that bundles are made of, by its folders or files of the project and its packages, and who needs it. */
export type Part = { what: string; of: string[]; in: readonly FunctionName[] };

/** Of each task, what only those take who show it. */
const TOLD = [
  ...['shown', 'accuracy'].map((name) => `core/tasks/classification/${name}.ts`),
  ...['multilabel', 'segmentation'].map((task) => `core/tasks/${task}/shown.ts`),
  'core/tasks/multilabel/labelAccuracy.ts',
  'core/tasks/segmentation/maskAccuracy.ts',
  'core/tasks/regression/shown.ts',
  'core/tasks/shownRegistry.ts',
  'core/statistics/calibration/calibration.ts',
];

/**
 * What each function's bundle holds, and nothing else: Node reads all of a bundle before the first line runs. A file belongs
 * to the part that names it, or the innermost of its folders; a star stands for files that lie in a folder itself.
 */
export const CONTENTS: readonly Part[] = [
  {
    what: 'what every function knows',
    of: [
      ...['core/base', 'core/metrics', 'core/parameters'],
      ...['core/doors/formatsOf.ts', 'core/doors/notifications', 'core/ledger/accept.ts', 'core/ledger/doorOf.ts'],
      ...['core/statistics/verdict.ts', 'core/tasks/seriesColours.ts', 'core/package/gateRules.ts'],
      'core/scenes/formerVersions.ts',
      ...['aws', 'zod'],
    ],
    in: FUNCTIONS,
  },
  { what: 'the ledger', of: ['core/ledger'], in: [...STAGE_FUNCTIONS, 'collect', 'watch'] },
  {
    what: 'tables',
    of: ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb', '@aws-sdk/util-dynamodb'],
    in: [...STAGE_FUNCTIONS, 'collect', 'watch'],
  },
  { what: 'buckets', of: ['@aws-sdk/client-s3'], in: [...allBut('retry'), 'collect', 'predict', 'catalogue', 'watch'] },
  {
    what: 'executions',
    of: ['@aws-sdk/client-sfn'],
    in: ['preprocess', 'infer', 'drift', 'discover', 'settle', 'retry', 'collect'],
  },
  {
    what: 'tables for SQL: their catalogue, and the columns of predictions',
    of: ['@aws-sdk/client-glue', 'core/tables'],
    in: ['infer', 'report'],
  },
  { what: 'what tables have in common', of: ['core/tables/table.ts'], in: ['infer', 'report', 'collect'] },
  { what: 'tables as Parquet', of: ['core/tables/parquet.ts'], in: ['report', 'collect'] },
  { what: 'what is said later to be true, as a table', of: ['core/tables/truthTable.ts'], in: ['collect', 'report'] },
  {
    what: 'what is said later to be true, as it comes',
    of: ['core/doors/truth/truth.ts'],
    in: ['collect', 'predict', 'catalogue'],
  },
  {
    what: 'the same, read and on its way',
    of: ['core/doors/truth/message.ts', 'core/doors/truth/truthReader.ts'],
    in: ['collect', 'predict'],
  },
  {
    what: 'the same, of the tasks whose files cannot say it',
    of: [
      'core/tasks/truthLaterRegistry.ts',
      'core/tasks/multilabel/readLabels.ts',
      'core/tasks/segmentation/compareMask.ts',
    ],
    in: ['collect', 'predict'],
  },
  { what: 'how it is joined to what was predicted', of: ['core/doors/truth'], in: ['collect'] },
  { what: 'published metrics', of: ['@aws-sdk/client-cloudwatch'], in: ['drift', 'discover', 'settle', 'report'] },
  {
    what: 'model packages',
    of: ['core/package', 'core/arrays', 'core/releases'],
    in: [...allBut('retry'), 'collect', 'predict', 'catalogue', 'watch'],
  },
  { what: 'two versions compared, and the gate', of: ['core/releases/comparison'], in: ['watch'] },
  { what: 'where packages come from', of: ['core/releases/origins'], in: ['watch'] },
  {
    what: 'what a graph says of itself',
    of: ['core/inference/onnx/readGraph.ts'],
    in: ['watch'],
  },
  {
    what: 'the bytes of an ONNX model',
    of: ['onnxFile', 'onnxMessages', 'protobuf', 'zipMap'].map((name) => `core/inference/onnx/${name}.ts`),
    in: ['infer', 'predict', 'watch'],
  },
  {
    what: 'scene files: formats, chips',
    of: ['core/scenes'],
    in: ['preprocess', 'infer', 'report', 'collect', 'predict', 'watch'],
  },
  {
    what: 'requests: what they ask for, and their inputs',
    of: ['core/doors/requests'],
    in: ['preprocess', 'infer', 'report', 'collect', 'predict', 'catalogue'],
  },
  {
    what: 'predictions that were given over HTTP, on their way to be counted',
    of: ['core/doors/answered/answered.ts', 'core/doors/answered/predictedRows.ts'],
    in: ['preprocess', 'infer', 'report', 'collect', 'predict'],
  },
  {
    what: 'those that a shadow has given beside them',
    of: ['core/doors/answered/shadowColumns.ts'],
    in: ['preprocess', 'infer', 'report', 'predict'],
  },
  { what: 'those that are gathered', of: ['core/doors/answered/gather.ts'], in: ['collect'] },
  {
    what: 'what TIFF calls its fields',
    of: ['core/scenes/formats/geotiff/tags.ts'],
    in: ['preprocess', 'infer', 'report', 'mosaic', 'collect', 'predict', 'watch'],
  },
  {
    what: 'what a raster is',
    of: ['core/scenes/raster/raster.ts'],
    in: ['preprocess', 'infer', 'report', 'mosaic', 'collect', 'predict', 'watch'],
  },
  {
    what: 'which place a window of a raster has',
    of: ['core/scenes/raster/footprint.ts'],
    in: ['preprocess', 'infer', 'drift', 'report', 'collect', 'predict'],
  },
  {
    what: 'what a run keeps of chips that were refused',
    of: ['core/scenes/refusals.ts'],
    in: [...STAGE_FUNCTIONS, 'collect', 'watch'],
  },
  {
    what: 'what a run keeps of a raster',
    of: ['core/scenes/raster/rasterInfo.ts'],
    in: [...STAGE_FUNCTIONS, 'collect', 'watch'],
  },
  {
    what: 'rasters: their decoders, and where their coordinates lie',
    of: [
      '@jsquash/jpeg',
      '@jsquash/webp',
      '@cornerstonejs/codec-openjpeg',
      'lerc',
      'proj4',
      'core/scenes/raster/epsg/systems.json',
      'mgrs',
      'wkt-parser',
    ],
    in: ['preprocess', 'infer', 'report', 'collect', 'predict', 'watch'],
  },
  { what: 'CSV', of: ['csv-parse'], in: ['preprocess', 'infer', 'report'] },
  {
    what: 'prepared parts',
    of: ['core/scenes/preparedPart.ts', 'core/scenes/partBuilder.ts', 'apache-arrow'],
    in: ['preprocess', 'infer'],
  },
  { what: 'pictures of chips', of: ['core/scenes/chipAt.ts', 'core/scenes/thumbnail.ts'], in: ['report'] },
  { what: 'writing PNG: of chips, and of masks', of: ['fast-png'], in: ['report', 'predict'] },
  { what: 'running a model', of: ['core/inference'], in: ['infer', 'predict'] },
  { what: 'images at addresses', of: ['aws/readUrl.ts'], in: ['predict'] },
  { what: 'asking a registry', of: ['aws/httpGet.ts'], in: ['watch'] },
  { what: 'which addresses are public', of: ['aws/addresses.ts', 'ipaddr.js'], in: ['predict', 'watch'] },
  { what: 'telling a topic', of: ['aws/topic.ts', '@aws-sdk/client-sns'], in: ['watch'] },
  { what: 'answers over HTTP', of: ['core/doors/online'], in: ['predict', 'catalogue'] },
  {
    what: 'what the numbers of a model mean',
    of: ['core/tasks'],
    in: [...allBut('retry'), 'collect', 'predict', 'catalogue', 'watch'], // a package is read as its task says
  },
  {
    what: 'how far probabilities can be believed',
    of: ['core/statistics/calibration'],
    in: [...allBut('retry'), 'collect', 'predict', 'catalogue', 'watch'], // classification adds that up
  },
  {
    what: 'which pixels a chip gives to a map, and what their values are called',
    of: ['core/package/area.ts', 'core/tasks/mapClasses.ts'],
    in: [...allBut('retry'), 'collect', 'predict', 'catalogue', 'watch'], // a task says which maps there are of it
  },
  {
    what: 'where a scene lies on earth',
    of: ['core/scenes/raster/outline.ts'],
    in: ['preprocess', 'infer', 'report', 'collect', 'predict'],
  },
  { what: 'the grid of a map', of: ['core/results/maps/mapGrid.ts'], in: ['infer', 'mosaic', 'drift'] },
  { what: 'pieces of maps', of: ['core/results/maps/pieces.ts'], in: ['infer', 'mosaic', 'watch'] }, // a shadow's are compared
  { what: 'drawing them', of: ['core/results/maps/drawMap.ts'], in: ['mosaic', 'watch'] },
  {
    what: 'maps: Cloud Optimized GeoTIFFs',
    of: ['core/results/maps/cog', ...['mapSpec', 'pamXml'].map((name) => `core/results/maps/${name}.ts`)],
    in: ['mosaic'],
  },
  { what: 'uploads in parts', of: ['@aws-sdk/lib-storage'], in: ['mosaic'] },
  {
    what: 'STAC Items of results',
    of: ['core/results/maps/itemOfRun.ts', 'core/results/maps/resultItem.ts'],
    in: ['drift'],
  },
  {
    what: 'how it is told',
    of: TOLD,
    in: ['report', 'watch'],
  },
  {
    what: 'what is told of chips themselves',
    of: ['core/measures'],
    in: ['preprocess', 'infer', 'drift', 'report', 'ledgerWidget', 'predict'],
  },
  // Preprocess and settle take the predictions of a run out of a batch's file, and write the others anew.
  {
    what: 'reading predictions',
    of: ['core/results', 'hyparquet'],
    in: ['preprocess', 'infer', 'settle', 'report', 'collect', 'watch'],
  },
  {
    what: 'writing predictions',
    of: ['core/results/encodePredictions.ts'],
    in: ['preprocess', 'infer', 'settle'],
  },
  { what: 'writing Parquet', of: ['hyparquet-writer'], in: ['preprocess', 'infer', 'settle', 'report', 'collect'] },
  {
    what: 'removing predictions',
    of: ['core/results/removePredictions.ts'],
    in: ['preprocess', 'discover', 'settle'],
  },
  {
    what: 'batches of bulk files',
    of: ['core/batches'],
    in: ['preprocess', 'infer', 'drift', 'discover', 'settle', 'collect'],
  },
  {
    what: 'drift',
    of: ['core/drift', 'core/statistics', 'simple-statistics'],
    in: ['drift', 'report', 'ledgerWidget', 'watch'],
  },
  { what: 'charts', of: ['charts', '@observablehq/plot', 'linkedom'], in: ['report'] },
  { what: 'the report', of: ['report'], in: ['report'] },
  { what: 'what alarms say', of: ['observability'], in: ['webhook'] },
  { what: 'queues', of: ['@aws-sdk/client-sqs'], in: ['collect', 'predict'] },
  {
    what: 'which keys the results of a run have',
    of: ['core/results/maps/resultKeys.ts'],
    in: ['collect'],
  },
  { what: 'a secret', of: ['@aws-sdk/client-ssm'], in: ['webhook', 'watch'] },
  ...FUNCTIONS.map((name): Part => ({ what: 'its own work', of: [`functions/${name}`], in: [name] })),
];

/**
 * Bytes of each artifact since pictures of many formats are read and maps are made. What reads scenes is most of what three of
 * them have gained since the release 0.5.0, with its table of coordinate reference systems; 15 kB of each are tasks of pixels and of
 * several labels, and what packages may say of them. Report has since come to draw source bands beside their profile, and drift to judge them, to tell how right predictions are, and to start shadows. Mosaic came with it; the webhook, watch, collect, predict and catalogue have no limits of their own.
 */
export const FORMER_BYTES: Record<StageFunction, number> = {
  preprocess: 812_124,
  infer: 18_590_000,
  mosaic: 167_008,
  drift: 183_180,
  discover: 172_775,
  settle: 205_790,
  report: 998_272,
  ledgerWidget: 168_030,
  retry: 99_751,
};

function allBut(one: StageFunction): StageFunction[] {
  return STAGE_FUNCTIONS.filter((name) => name !== one);
}

/** What of the contents a bundle holds: of each part that it has, what it has of that. */
export function heldBy({ files, packages }: Modules): Map<Part | undefined, string[]> {
  const held = new Map<Part | undefined, string[]>();
  for (const one of [...files, ...packages]) {
    const part = partOf(one);
    held.set(part, [...(held.get(part) ?? []), one]);
  }
  return held;
}

function partOf(path: string): Part | undefined {
  const folders = path
    .split('/')
    .map((_, depth, names) => names.slice(0, -depth).join('/'))
    .slice(1);
  const names = [path, `${folders[0]}/*`, ...folders];
  return names.map((name) => CONTENTS.find(({ of }) => of.includes(name))).find((part) => part !== undefined);
}
