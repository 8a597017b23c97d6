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
} from '../shared/aws/bucket.ts';
import { publishTo } from '../shared/aws/cloudwatch.ts';
import { executionsOf } from '../shared/aws/executions.ts';
import { connectTablesFor } from '../shared/aws/tables.ts';
import { makeEnd, makeRowLookups } from '../shared/bulkRows.ts';
import { makeMarkDue } from '../shared/dueDays.ts';
import { makeHeirsOf } from '../shared/heirs.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeRuns } from '../shared/ledger.ts';
import { makeByState, makeOfScene } from '../shared/ledgerQueries.ts';
import { makeModels } from '../shared/models.ts';
import { makeHoldBatch } from '../shared/openBatches.ts';
import { readSettings } from '../shared/settings.ts';
import { settleStep } from './settle.ts';

const settings = readSettings(process.env);
const { ledgerTable } = settings;
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
      ...makeRuns(tables, ledgerTable),
      ...makeHeirsOf(tables, ledgerTable),
      ...makeOfScene(tables, ledgerTable),
      ...makeByState(tables, ledgerTable),
      ...makeHoldBatch(tables, ledgerTable),
      ...makeRowLookups(tables, ledgerTable),
      ...makeEnd(tables, ledgerTable),
      ...makeMarkDue(tables, ledgerTable),
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
