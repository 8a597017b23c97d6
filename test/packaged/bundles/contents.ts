import type { FunctionName, StageFunction } from '../../../core/base/functions.ts';
import type { Modules } from './modules.ts';

/** Folders, files and packages that cost a cold start, and the functions that need them. */
type Part = { of: readonly string[]; in: readonly FunctionName[] };

const READS_SCENES: readonly FunctionName[] = ['preprocess', 'infer', 'report', 'collect', 'predict', 'watch'];
const READS_PREDICTIONS: readonly FunctionName[] = ['preprocess', 'infer', 'settle', 'report', 'collect', 'watch'];

/** What only these functions may hold: Node reads all of a bundle before the first line runs. */
export const CONTENTS: readonly Part[] = [
  { of: ['@aws-sdk/client-glue'], in: ['infer', 'report'] },
  { of: ['core/tables'], in: ['infer', 'report', 'collect'] },
  { of: ['@aws-sdk/client-cloudwatch'], in: ['drift', 'discover', 'settle', 'report'] },
  { of: ['@aws-sdk/client-sqs'], in: ['collect', 'predict'] },
  { of: ['@aws-sdk/client-sns', 'aws/httpGet.ts', 'core/releases/origins'], in: ['watch'] },
  { of: ['core/releases/comparison'], in: ['watch'] },
  { of: ['@aws-sdk/client-ssm'], in: ['webhook', 'watch'] },
  { of: ['@aws-sdk/lib-storage', 'core/results/maps/cog'], in: ['mosaic'] },
  { of: ['core/scenes/formats/formats.ts', 'core/scenes/raster/epsg/systems.json'], in: READS_SCENES },
  { of: ['@jsquash/jpeg', '@jsquash/webp', '@cornerstonejs/codec-openjpeg', 'lerc'], in: READS_SCENES },
  { of: ['proj4', 'mgrs', 'wkt-parser'], in: READS_SCENES },
  { of: ['csv-parse'], in: ['preprocess', 'infer', 'report'] },
  { of: ['apache-arrow', 'core/scenes/partBuilder.ts'], in: ['preprocess', 'infer'] },
  { of: ['core/inference/predict.ts', 'core/inference/onnx/session.ts'], in: ['infer', 'predict'] },
  { of: ['core/inference/onnx/readGraph.ts'], in: ['watch'] },
  { of: ['core/doors/online'], in: ['predict', 'catalogue'] },
  { of: ['core/doors/truth/tellTruths.ts'], in: ['collect'] },
  { of: ['hyparquet'], in: READS_PREDICTIONS },
  { of: ['hyparquet-writer'], in: ['preprocess', 'infer', 'settle', 'report', 'collect'] },
  { of: ['core/batches'], in: ['preprocess', 'infer', 'drift', 'discover', 'settle', 'collect'] },
  { of: ['core/drift', 'simple-statistics'], in: ['drift', 'report', 'ledgerWidget', 'watch'] },
  { of: ['core/tasks/shownRegistry.ts'], in: ['report', 'watch'] },
  { of: ['report', 'charts', '@observablehq/plot', 'linkedom'], in: ['report'] },
  { of: ['observability'], in: ['webhook'] },
];

/** Returns what a function's bundle holds that only others need. */
export function strangersIn(name: FunctionName, { files, packages }: Modules): string[] {
  const closed = CONTENTS.filter((part) => !part.in.includes(name)).flatMap(({ of }) => of);
  return [...files, ...packages].filter((one) => closed.some((path) => one === path || one.startsWith(`${path}/`)));
}

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
