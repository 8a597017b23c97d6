import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { readFrom, readPieceFrom, writeTo } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { startsOf } from '../../aws/executions.ts';
import { lambdaHandler, lazily } from '../../aws/lambda.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeDueDays, makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeRuns } from '../../core/ledger/ledger.ts';
import { makeByState, makeOfDay } from '../../core/ledger/ledgerQueries.ts';
import { makeOpenBatches } from '../../core/ledger/openBatches.ts';
import { makeModels } from '../../core/models/models.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { driftStep } from './drift.ts';

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
/** Made on first use: most containers never start an execution, and this keeps cold starts short. */
const executions = lazily(() => startsOf(settings.stateMachineArn));

export const handler = lambdaHandler(
  driftStep({
    ...settings,
    ledger: {
      ...makeRuns(tables, ledgerTable),
      ...makeOfDay(tables, ledgerTable),
      ...makeByState(tables, ledgerTable),
      ...makeOpenBatches(tables, ledgerTable),
      ...makeRowLookups(tables, ledgerTable),
      ...makeMarkDue(tables, ledgerTable),
      ...makeDueDays(tables, ledgerTable),
    },
    metrics: makeMetricsTable(tables, settings.metricsTable),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    readResult: readFrom(settings.resultsBucket),
    writeResult: writeTo(settings.resultsBucket),
    hrefOf: ({ bucket, key }) => `s3://${bucket === 'inbox' ? settings.inboxBucket : settings.modelsBucket}/${key}`,
    readPiece: readPieceFrom(settings.resultsBucket),
    executions: { start: (name, input) => executions().start(name, input) },
    publish: publishTo(settings.stage),
    now: () => new Date(),
  }),
);
