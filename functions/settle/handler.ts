import * as dynamoDb from '@aws-sdk/lib-dynamodb';
import {
  listVersionsIn,
  readFrom,
  readPieceFrom,
  readVersionFrom,
  removeVersionFrom,
  replaceVersionIn,
} from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { executionsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeEnd, makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeNameOwners, makeWaitingDuplicatesOf } from '../../core/ledger/contentClaim.ts';
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeByState, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeHoldBatch } from '../../core/ledger/openBatches.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { makeEndShadow } from '../../core/ledger/shadowRuns.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { settleStep } from './settle.ts';

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

export const handler = lambdaHandler(
  settleStep({
    ...settings,
    ledger: partsOn(
      on,
      makeRuns,
      makeWaitingDuplicatesOf,
      makeOfScene,
      makeByState,
      makeHoldBatch,
      makeRowLookups,
      makeEnd,
      makeNameOwners,
      makeMarkDue,
      makeEndShadow,
    ),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    executions: executionsOf(settings.stateMachineArn),
    readPiece: readPieceFrom(settings.resultsBucket),
    readVersion: readVersionFrom(settings.resultsBucket),
    replaceVersion: replaceVersionIn(settings.resultsBucket),
    listVersions: listVersionsIn(settings.resultsBucket),
    removeVersion: removeVersionFrom(settings.resultsBucket),
    publish: publishTo(settings.stage),
    now: () => new Date(),
  }),
);
