import { BatchGetCommand, DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  listScenesIn,
  listVersionsIn,
  readFrom,
  readPieceFrom,
  removeVersionFrom,
  writeTo,
} from '../shared/aws/bucket.ts';
import { publishTo } from '../shared/aws/cloudwatch.ts';
import { executionsOf } from '../shared/aws/executions.ts';
import { connectTablesFor } from '../shared/aws/tables.ts';
import { makeRowLookups } from '../shared/bulkRows.ts';
import { makeHeirsOf } from '../shared/heirs.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeForget, makeRuns } from '../shared/ledger.ts';
import { makeByRun, makeByState, makeFailures, makeOfScene } from '../shared/ledgerQueries.ts';
import { makeModels } from '../shared/models.ts';
import { makeOpenBatches } from '../shared/openBatches.ts';
import { readSettings } from '../shared/settings.ts';
import { makeWatermark } from '../shared/watermark.ts';
import { discoverStep } from './discover.ts';

const settings = readSettings(process.env);
const { ledgerTable } = settings;
const tables = connectTablesFor({
  batchGet: BatchGetCommand,
  delete: DeleteCommand,
  get: GetCommand,
  query: QueryCommand,
  update: UpdateCommand,
});

export const handler = lambdaHandler(
  discoverStep({
    ...settings,
    ledger: {
      ...makeRuns(tables, ledgerTable),
      ...makeForget(tables, ledgerTable),
      ...makeHeirsOf(tables, ledgerTable),
      ...makeOfScene(tables, ledgerTable),
      ...makeByRun(tables, ledgerTable),
      ...makeByState(tables, ledgerTable),
      ...makeFailures(tables, ledgerTable),
      ...makeOpenBatches(tables, ledgerTable),
      ...makeRowLookups(tables, ledgerTable),
      ...makeWatermark(tables, ledgerTable),
    },
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    executions: executionsOf(settings.stateMachineArn),
    listScenes: listScenesIn(settings.inboxBucket, settings.inboxPrefix),
    writeResult: writeTo(settings.resultsBucket),
    readPiece: readPieceFrom(settings.resultsBucket),
    listVersions: listVersionsIn(settings.resultsBucket),
    removeVersion: removeVersionFrom(settings.resultsBucket),
    publish: publishTo(settings.stage),
    now: () => new Date(),
  }),
);
