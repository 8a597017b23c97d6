import * as dynamoDb from '@aws-sdk/lib-dynamodb';
import {
  openScene,
  readFrom,
  readPieceFrom,
  readVersionFrom,
  removeVersionFrom,
  replaceVersionIn,
  writeTo,
} from '../../aws/bucket.ts';
import { coresOf } from '../../aws/cores.ts';
import { startsOf } from '../../aws/executions.ts';
import { lambdaHandler, lazily } from '../../aws/lambda.ts';
import { registerPartitionIn } from '../../aws/partitions.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { onnx } from '../../core/inference/onnx/session.ts';
import { makeInferences } from '../../core/inference/predict.ts';
import { makeEnd, makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeClaimMessages, makeMessageOwner } from '../../core/ledger/claimMessages.ts';
import { makeDigests, makeNameOwners } from '../../core/ledger/contentClaim.ts';
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeHoldBatch } from '../../core/ledger/openBatches.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { makeEndShadow } from '../../core/ledger/shadowRuns.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { inferStep } from './infer.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor({
  batchGet: dynamoDb.BatchGetCommand,
  get: dynamoDb.GetCommand,
  query: dynamoDb.QueryCommand,
  put: dynamoDb.PutCommand,
  update: dynamoDb.UpdateCommand,
  delete: dynamoDb.DeleteCommand,
});
const on = { table: tables, TableName: settings.ledgerTable, requestDays: settings.requestDays };

/** Made on first use: few models have a shadow. */
const executions = lazily(() => startsOf(settings.stateMachineArn));
const models = makeModels(readFrom(settings.modelsBucket), settings.modelName);

export const handler = lambdaHandler(
  inferStep({
    ...settings,
    ledger: partsOn(
      on,
      makeRuns,
      makeDigests,
      makeClaimMessages,
      makeMessageOwner,
      makeHoldBatch,
      makeRowLookups,
      makeNameOwners,
      makeEnd,
      makeMarkDue,
      makeEndShadow,
    ),
    models,
    executions: { start: (name, input) => executions().start(name, input) },
    classifier: makeInferences(models, { runtimes: [onnx], threads: coresOf(process.env) }),
    readResult: readFrom(settings.resultsBucket),
    writeResult: writeTo(settings.resultsBucket),
    openScene,
    readPiece: readPieceFrom(settings.resultsBucket),
    readVersion: readVersionFrom(settings.resultsBucket),
    replaceVersion: replaceVersionIn(settings.resultsBucket),
    removeVersion: removeVersionFrom(settings.resultsBucket),
    registerPartition: registerPartitionIn(settings.sqlDatabase, settings.resultsBucket),
    now: () => new Date(),
  }),
);
