import { BatchGetCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  listFormers,
  listVersionsIn,
  openScene,
  readFrom,
  readVersionFrom,
  removeVersionFrom,
  replaceVersionIn,
  writeTo,
} from '../../aws/bucket.ts';
import { executionsOf } from '../../aws/executions.ts';
import { lambdaHandler, lazily } from '../../aws/lambda.ts';
import { withAssets } from '../../aws/openAsset.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { removeUnfinishedCopy } from '../../core/batches/batchFile.ts';
import { makeAccept } from '../../core/ledger/accept.ts';
import { makeClaimMessages } from '../../core/ledger/claimMessages.ts';
import {
  makeAddWaitingDuplicate,
  makeDigests,
  makeNameOwners,
  makeWaitingDuplicatesOf,
} from '../../core/ledger/contentClaim.ts';
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeFindBatch } from '../../core/ledger/openBatches.ts';
import { makeRuns, makeSupersedeRow } from '../../core/ledger/runs.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { assetBucketsIn } from '../../core/parameters/ofFunctions.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { preprocessStep } from './preprocess.ts';
import { makeSupersede, type SupersedePorts } from './supersede.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor({
  batchGet: BatchGetCommand,
  get: GetCommand,
  put: PutCommand,
  query: QueryCommand,
  update: UpdateCommand,
});
const on = { table: tables, TableName: settings.ledgerTable, requestDays: settings.requestDays };

const ports = {
  ...settings,
  models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
  listVersions: listVersionsIn(settings.resultsBucket),
  removeVersion: removeVersionFrom(settings.resultsBucket),
  now: () => new Date(),
};

/** Made on first use: with one live model, hardly any file needs them. */
const executions = lazily(() => executionsOf(settings.stateMachineArn));
const portsOfUnfinished = lazily(
  (): SupersedePorts => ({
    ...ports,
    loadModel: ports.models.load,
    ledger: partsOn(
      on,
      makeRuns,
      makeOfScene,
      makeAddWaitingDuplicate,
      makeWaitingDuplicatesOf,
      makeNameOwners,
      makeFindBatch,
      makeMarkDue,
      makeSupersedeRow,
    ),
    executions: executions(),
    readVersion: readVersionFrom(settings.resultsBucket),
    replaceVersion: replaceVersionIn(settings.resultsBucket),
  }),
);

export const handler = lambdaHandler(
  preprocessStep({
    ...ports,
    ledger: partsOn(on, makeRuns, makeDigests, makeClaimMessages),
    openScene: withAssets(openScene, {
      prefixes: [settings.inboxPrefix],
      buckets: assetBucketsIn(settings.assetBuckets),
    }),
    // Stored requests are never overwritten.
    listFormers: async (scene) => (scene.bucket === settings.resultsBucket ? [] : listFormers(scene)),
    writeResult: writeTo(settings.resultsBucket),
    accept: (arrival) => makeAccept(executions())(arrival),
    supersede: (...found) => makeSupersede(portsOfUnfinished())(...found),
    removeUnfinishedCopy: (row) => removeUnfinishedCopy(portsOfUnfinished(), row),
  }),
);
