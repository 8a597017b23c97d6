import { BatchGetCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { listFormers, listVersionsIn, openScene, readFrom, resultsIn } from '../../aws/bucket.ts';
import { executionsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
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
import { makeSupersede } from './supersede.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor({ BatchGetCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand });
const models = makeModels(readFrom(settings.modelsBucket), settings.modelName);

const ports = {
  ...settings,
  ...resultsIn(settings.resultsBucket),
  models,
  loadModel: models.load,
  ledger: partsOn(
    tables,
    settings,
    makeRuns,
    makeDigests,
    makeClaimMessages,
    makeOfScene,
    makeAddWaitingDuplicate,
    makeWaitingDuplicatesOf,
    makeNameOwners,
    makeFindBatch,
    makeMarkDue,
    makeSupersedeRow,
  ),
  executions: executionsOf(settings.stateMachineArn),
  listVersions: listVersionsIn(settings.resultsBucket),
  now: () => new Date(),
};

export const handler = lambdaHandler(
  preprocessStep({
    ...ports,
    openScene: withAssets(openScene, {
      prefixes: [settings.inboxPrefix],
      buckets: assetBucketsIn(settings.assetBuckets),
    }),
    // Stored requests are never overwritten.
    listFormers: async (scene) => (scene.bucket === settings.resultsBucket ? [] : listFormers(scene)),
    accept: makeAccept(ports.executions),
    supersede: makeSupersede(ports),
    removeUnfinishedCopy: (row) => removeUnfinishedCopy(ports, row),
  }),
);
