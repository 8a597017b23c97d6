import { availableParallelism } from 'node:os';
import { makeAccept } from '../../core/ledger/accept.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { Table } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import type { HrefOf } from '../../core/results/maps/itemOfRun.ts';
import type { Format } from '../../core/scenes/formats/format.ts';
import * as buckets from '../buckets/folderBucket.ts';
import { findObjectIn, openScenesOf, readRangesOf } from '../buckets/sceneFiles.ts';
import { COUNTS, queueUrl, REQUESTS } from '../queues/requestsQueue.ts';
import { makeClock } from './clock.ts';
import { type Ask, executionsBy, remoteBy } from './link.ts';
import type { WorkerData } from './workerMessages.ts';

/** The buckets are folders beside one another. */
const hrefInFolder: HrefOf = ({ bucket, key }, itemKey) =>
  `${'../'.repeat(itemKey.split('/').length)}${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;

/** The functions with the laptop's ports. Each is imported when first called: only a worker that infers loads onnxruntime. */
export function makeLocalSteps(data: WorkerData, { tables, ask }: { tables: Table; ask: Ask }) {
  const { folder } = data;
  const settings = readSettings(data.environment);
  const ledger = makeLedger(tables, settings.ledgerTable, settings.requestDays);
  const models = makeModels(buckets.readFromFolder(folder.models), settings.modelName);
  /** What the next step of the same run reads, and nobody after it: no power failure needs to leave it there. */
  const writeResult = buckets.writeToFolder(folder.results, { sync: false });
  const clock = makeClock(data.time);
  const remote = remoteBy(ask);
  const executions = executionsBy(ask);
  const knownVersion = remote('knownVersion');
  const metrics = async () =>
    (await import('../../core/drift/metricsTable.ts')).makeMetricsTable(tables, settings.metricsTable);
  const common = {
    ...settings,
    ...buckets.resultsInFolder(folder.results),
    ...{ ledger, models, loadModel: models.load, publish: remote('publish'), now: clock.now },
    registerPartition: async () => {}, // DuckDB finds files by their folders
  };

  async function inferWith(threads: number, container?: { hasContainers: boolean }, lease = {}) {
    const { inferStep } = await import('../../functions/infer/infer.ts');
    const { makeInferences } = await import('../../core/inference/predict.ts');
    const { runtimes } = await import('./openModel.ts');
    const openScene = openScenesOf(folder, clock);
    const classifier = makeInferences(models, { runtimes, threads });
    return inferStep({ ...common, executions, writeResult, openScene, classifier, ...lease }, container);
  }

  async function preprocessWith(more: { cubeFormat?: Format }) {
    const { preprocessStep } = await import('../../functions/preprocess/preprocess.ts');
    const openScene = openScenesOf(folder, clock, knownVersion);
    const openResult = buckets.openObjectInFolder(folder.results);
    return preprocessStep({ ...common, ...more, writeResult, openScene, openResult, accept: makeAccept(executions) });
  }

  return {
    preprocess: () => preprocessWith({}),
    preprocessCubes: async () => preprocessWith(await import('../../core/scenes/cubes/cubeFormat.ts')),
    infer: () => inferWith(1, { hasContainers: true }),
    work: async () => {
      const { makeWork } = await import('../../functions/infer/container/work.ts');
      const { JOB_SECONDS } = await import('../../functions/infer/container/job.ts');
      const threads = availableParallelism();
      const inferPart = await inferWith(threads, undefined, { leaseSeconds: JOB_SECONDS });
      return makeWork({ ...common, writeResult, infer: await inferWith(threads), inferPart });
    },
    mosaic: async () => {
      const { mosaicStep } = await import('../../functions/mosaic/mosaic.ts');
      const { makeScratchFile } = await import('../../aws/scratchFile.ts');
      const writeStream = buckets.writeStreamToFolder(folder.results);
      return mosaicStep({ ...common, writeStream, makeScratch: () => makeScratchFile() });
    },
    drift: async () => {
      const { driftStep } = await import('../../functions/drift/drift.ts');
      return driftStep({ ...common, executions, metrics: await metrics(), hrefOf: hrefInFolder });
    },
    discover: async () => {
      const { discoverStep } = await import('../../functions/discover/discover.ts');
      return discoverStep({ ...common, executions, listScenes: remote('listScenes') });
    },
    collect: async () => {
      const { collectStep } = await import('../../functions/collect/collect.ts');
      const { makeFeatureTable } = await import('../../core/features/featureTable.ts');
      const features = makeFeatureTable(tables, settings.featuresTable);
      const queueOf = (name: string) => ({ url: queueUrl(name), send: remote('enqueue'), bury: remote('bury') });
      const findObject = findObjectIn(folder, clock, knownVersion);
      const addressOf = buckets.fileAddressIn(folder.results);
      const ports = { ...common, executions, features, objects: common, findObject, addressOf };
      const [requests, counts] = [REQUESTS, COUNTS].map((name) => ({ ...ports, requestQueue: queueOf(name) }));
      return collectStep({ ...common, executions, lookUpScenes: remote('lookUp'), requests, counts });
    },
    settle: async () => {
      const { settleStep } = await import('../../functions/settle/settle.ts');
      return settleStep({ ...common, executions });
    },
    report: async () => {
      const { reportStep } = await import('../../functions/report/reportStep.ts');
      const { renderReport: render } = await import('../../report/html.ts');
      return reportStep({ ...common, metrics: await metrics(), readRange: readRangesOf(folder, knownVersion), render });
    },
  };
}
