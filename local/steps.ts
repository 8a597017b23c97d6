import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import type { ExecutionStatus, Executions } from '../core/executions.ts';
import type { PipelineFunction } from '../core/functions.ts';
import { makeLedger } from '../core/ledger/ledger.ts';
import type { Publish } from '../core/metrics.ts';
import { makeModels } from '../core/models/models.ts';
import type { ListFormers, ListScenes } from '../core/objectStore.ts';
import { readSettings } from '../core/settings.ts';
import type { Invocation } from '../core/step.ts';
import { executionArn } from './arns.ts';
import { makeClock } from './clock.ts';
import {
  readFromFolder,
  readPieceFromFolder,
  readVersionFromFolder,
  replaceVersionInFolder,
  versionsInFolder,
  writeToFolder,
} from './folderBucket.ts';
import type { Inbox } from './inbox.ts';
import type { Ask } from './link.ts';
import { openSceneIn, readRangeIn } from './sceneFiles.ts';
import type { WorkerData } from './workerMessages.ts';

type Step = (message: unknown, invocation: Invocation) => Promise<unknown>;

/**
 * The functions with the laptop's ports in the place of AWS's. Each is imported when it is called first: only a worker that
 * infers loads onnxruntime.
 */
export function makeLocalSteps(
  data: WorkerData,
  { tables, ask }: { tables: DynamoDBDocument; ask: Ask },
): Record<PipelineFunction, () => Promise<Step>> {
  const { folder } = data;
  const settings = readSettings(data.environment);
  const ledger = makeLedger(tables, settings.ledgerTable);
  const models = makeModels(readFromFolder(folder.models), settings.modelName);
  const store = {
    readResult: readFromFolder(folder.results),
    writeResult: writeToFolder(folder.results, { asOwner: true }),
    readPiece: readPieceFromFolder(folder.results),
    readVersion: readVersionFromFolder(folder.results),
    replaceVersion: replaceVersionInFolder(folder.results),
    ...versionsInFolder(folder.results),
  };
  const clock = makeClock(data.time);
  const publish: Publish = async (datums) => void (await ask('publish', datums));
  const executions: Executions = {
    start: (name, input) => ask('start', { name, input }),
    describe: (execution) => ask<ExecutionStatus>('describe', { execution }),
    arnOf: executionArn,
  };
  const knownVersion: Inbox['knownVersion'] = (key) => ask('knownVersion', { key });
  const common = { ...settings, ...store, ledger, models, publish, now: clock.now };

  return {
    preprocess: async () => {
      const { preprocessStep } = await import('../functions/preprocess/preprocess.ts');
      const { makeSupersede } = await import('../functions/preprocess/supersede.ts');
      const writeResult = writeToFolder(folder.results, { sync: false, asOwner: true }); // prepared parts only
      const openScene = openSceneIn(folder.inbox, clock, knownVersion);
      const listFormers: ListFormers = (scene) => ask('formers', scene);
      const supersede = makeSupersede({ ...common, executions });
      return preprocessStep({ ...common, writeResult, openScene, listFormers, supersede });
    },
    infer: async () => {
      const { inferStep } = await import('../functions/infer/infer.ts');
      const { makeSessions } = await import('../core/runtimes/sessions.ts');
      const openScene = openSceneIn(folder.inbox, clock);
      return inferStep({ ...common, openScene, classifier: makeSessions(models, 1) });
    },
    drift: async () => {
      const { driftStep } = await import('../functions/drift/drift.ts');
      const { makeMetricsTable } = await import('../core/drift/metricsTable.ts');
      const metrics = makeMetricsTable(tables, settings.metricsTable);
      return driftStep({ ...common, executions, metrics });
    },
    discover: async () => {
      const { discoverStep } = await import('../functions/discover/discover.ts');
      const listScenes: ListScenes = (cursor, range) => ask('list', { cursor, range });
      return discoverStep({ ...common, executions, listScenes });
    },
    settle: async () => {
      const { settleStep } = await import('../functions/settle/settle.ts');
      return settleStep({ ...common, executions });
    },
    report: async () => {
      const { reportStep } = await import('../functions/report/reportStep.ts');
      const { renderReport: render } = await import('../report/html.ts');
      const { makeMetricsTable } = await import('../core/drift/metricsTable.ts');
      const metrics = makeMetricsTable(tables, settings.metricsTable);
      const readRange = readRangeIn(folder.inbox, knownVersion);
      return reportStep({ ...common, metrics, readRange, render });
    },
  };
}
