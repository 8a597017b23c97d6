import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
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
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeRuns } from '../../core/ledger/ledger.ts';
import { makeByState, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeNameOwners } from '../../core/ledger/nameOwners.ts';
import { makeHoldBatch } from '../../core/ledger/openBatches.ts';
import { makeEndShadow } from '../../core/ledger/shadowRuns.ts';
import { makeWaitingDuplicatesOf } from '../../core/ledger/waitingDuplicates.ts';
import { makeModels } from '../../core/models/models.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { settleStep } from './settle.ts';

const settings = readSettings(process.env);
const { ledgerTable, requestDays } = settings;
const tables = connectTablesFor({
  batchGet: BatchGetCommand,
  delete: DeleteCommand,
  get: GetCommand,
  put: PutCommand,
  query: QueryCommand,
  update: UpdateCommand,
});

export const handler = lambdaHandler(
  settleStep({
    ...settings,
    ledger: {
      ...makeRuns(tables, ledgerTable, requestDays),
      ...makeWaitingDuplicatesOf(tables, ledgerTable),
      ...makeOfScene(tables, ledgerTable),
      ...makeByState(tables, ledgerTable),
      ...makeHoldBatch(tables, ledgerTable),
      ...makeRowLookups(tables, ledgerTable),
      ...makeEnd(tables, ledgerTable, requestDays),
      ...makeNameOwners(tables, ledgerTable, requestDays),
      ...makeMarkDue(tables, ledgerTable),
      ...makeEndShadow(tables, ledgerTable, requestDays),
    },
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
