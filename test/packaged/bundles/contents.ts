import type { FunctionName, StageFunction } from '../../../core/base/functions.ts';
import type { Modules } from './modules.ts';

/** Folders, files and packages that cost a cold start, and the functions that need them. */
type Part = { of: readonly string[]; in: readonly FunctionName[] };

const READS_SCENES: readonly FunctionName[] = [
  'preprocess',
  'preprocessCubes',
  'infer',
  'report',
  'collect',
  'predict',
  'watch',
];
const READS_PREDICTIONS: readonly FunctionName[] = [
  'preprocess',
  'preprocessCubes',
  'infer',
  'settle',
  'report',
  'collect',
  'watch',
];

/** What only these functions may hold, in whichever of their files. */
export const CONTENTS: readonly Part[] = [
  { of: ['@aws-sdk/client-glue'], in: ['infer', 'report'] },
  { of: ['core/tables'], in: ['infer', 'report', 'collect', 'warehouse'] },
  { of: ['@aws-sdk/client-redshift-data', 'core/tables/redshift.ts'], in: ['warehouse'] },
  { of: ['@aws-sdk/client-cloudwatch'], in: ['drift', 'discover', 'settle', 'report', 'feeds', 'warehouse'] },
  { of: ['@aws-sdk/client-sqs'], in: ['collect', 'predict'] },
  { of: ['@aws-sdk/client-sns', 'aws/httpGet.ts', 'core/releases/origins'], in: ['watch'] },
  { of: ['core/releases/comparison'], in: ['watch'] },
  { of: ['@aws-sdk/client-ssm'], in: ['webhook', 'watch', 'infer', 'predict', 'preprocess'] },
  { of: ['@aws-sdk/client-sagemaker-runtime', 'aws/sageMaker.ts'], in: ['infer', 'predict'] },
  { of: ['@aws-sdk/lib-storage', 'core/results/maps/cog'], in: ['mosaic'] },
  { of: ['core/scenes/formats/formats.ts', 'core/scenes/raster/epsg/systems.json'], in: READS_SCENES },
  { of: ['@jsquash/jpeg', '@jsquash/webp', '@cornerstonejs/codec-openjpeg', 'lerc'], in: READS_SCENES },
  { of: ['proj4', 'mgrs', 'wkt-parser'], in: READS_SCENES },
  { of: ['zarrita', '@zarrita/storage', 'numcodecs', 'h5wasm', 'core/scenes/cubes'], in: ['preprocessCubes'] },
  { of: ['@huggingface/tokenizers', 'core/package/text/tokenizer.ts'], in: READS_SCENES },
  { of: ['csv-parse'], in: ['preprocess', 'preprocessCubes', 'infer', 'report'] },
  { of: ['@uwdata/flechette', 'core/scenes/partBuilder.ts'], in: ['preprocess', 'preprocessCubes', 'infer'] },
  { of: ['core/inference/predict.ts', 'core/inference/onnx/session.ts'], in: ['infer', 'predict'] },
  { of: ['onnxruntime-node'], in: ['infer', 'predict'] },
  { of: ['core/inference/onnx/readGraph.ts'], in: ['watch'] },
  { of: ['core/feeds'], in: ['feeds', 'preprocess', 'preprocessCubes'] },
  { of: ['core/doors/online'], in: ['predict', 'catalogue'] },
  { of: ['core/doors/truth/tellTruths.ts'], in: ['collect'] },
  { of: ['hyparquet'], in: [...READS_PREDICTIONS, 'warehouse'] },
  { of: ['core/features', 'aws/features.ts', 'aws/apart'], in: ['collect', 'predict'] },
  { of: ['hyparquet-writer'], in: ['preprocess', 'preprocessCubes', 'infer', 'settle', 'report', 'collect'] },
  { of: ['core/batches'], in: ['preprocess', 'preprocessCubes', 'infer', 'drift', 'discover', 'settle', 'collect'] },
  { of: ['core/drift', 'simple-statistics'], in: ['drift', 'report', 'ledgerWidget', 'watch'] },
  { of: ['core/tasks/shownRegistry.ts'], in: ['report', 'watch'] },
  { of: ['report', 'charts', '@observablehq/plot', 'linkedom'], in: ['report'] },
  { of: ['report/apiPage'], in: ['catalogue'] },
  { of: ['observability'], in: ['webhook'] },
];

/** The part of the table that a file or package is in: of a folder and one inside it, the inner. */
function partOf(one: string): Part | undefined {
  const paths = CONTENTS.flatMap((part) => part.of.map((path) => ({ path, part })));
  const around = paths.filter(({ path }) => one === path || one.startsWith(`${path}/`));
  return around.sort((a, b) => b.path.length - a.path.length)[0]?.part;
}

/** Returns what a function's bundle holds that only others need. */
export function strangersIn(name: FunctionName, { files, packages }: Modules): string[] {
  return [...files, ...packages].filter((one) => partOf(one)?.in.includes(name) === false);
}

/**
 * Zipped bytes that each function reads before its first line runs. Not among them is what only some scene files need (codecs,
 * coordinate reference systems) or calls need, and the reading of model packages: those are files of their own. Nobody waits for webhook and watch.
 */
export const START_BYTES: Record<StageFunction | 'catalogue' | 'predict' | 'collect', number> = {
  preprocess: 241_100,
  preprocessCubes: 247_000,
  infer: 239_954,
  mosaic: 152_263,
  drift: 177_465,
  discover: 158_348,
  settle: 193_431,
  report: 411_653,
  ledgerWidget: 157_378,
  retry: 103_160,
  collect: 246_345,
  predict: 211_000,
  catalogue: 126_214,
};
