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
import { removeUnfinishedCopy } from '../../core/batches/removeUnfinishedCopy.ts';
import { makeAccept } from '../../core/doors/door.ts';
import { makeClaimMessages } from '../../core/ledger/claimMessages.ts';
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeDigests, makeRuns } from '../../core/ledger/ledger.ts';
import { makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeNameOwners } from '../../core/ledger/nameOwners.ts';
import { makeFindBatch } from '../../core/ledger/openBatches.ts';
import { makeSupersedeRow } from '../../core/ledger/supersedeRow.ts';
import { makeAddWaitingDuplicate, makeWaitingDuplicatesOf } from '../../core/ledger/waitingDuplicates.ts';
import { makeModels } from '../../core/models/models.ts';
import { assetBucketsIn } from '../../core/parameters/ofFunctions.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { preprocessStep } from './preprocess.ts';
import { makeSupersede, type SupersedePorts } from './supersede.ts';

const settings = readSettings(process.env);
const { ledgerTable, requestDays } = settings;
const tables = connectTablesFor({
  batchGet: BatchGetCommand,
  get: GetCommand,
  put: PutCommand,
  query: QueryCommand,
  update: UpdateCommand,
});
const runs = makeRuns(tables, ledgerTable, requestDays);

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
    ledger: {
      ...runs,
      ...makeOfScene(tables, ledgerTable),
      ...makeAddWaitingDuplicate(tables, ledgerTable, requestDays),
      ...makeWaitingDuplicatesOf(tables, ledgerTable),
      ...makeNameOwners(tables, ledgerTable, requestDays),
      ...makeFindBatch(tables, ledgerTable),
      ...makeMarkDue(tables, ledgerTable),
      ...makeSupersedeRow(tables, ledgerTable),
    },
    executions: executions(),
    readVersion: readVersionFrom(settings.resultsBucket),
    replaceVersion: replaceVersionIn(settings.resultsBucket),
  }),
);

export const handler = lambdaHandler(
  preprocessStep({
    ...ports,
    ledger: {
      ...runs,
      ...makeDigests(tables, ledgerTable, requestDays),
      ...makeClaimMessages(tables, ledgerTable, requestDays),
    },
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
