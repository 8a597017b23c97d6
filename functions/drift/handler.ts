import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { readFrom, readPieceFrom } from '../shared/aws/bucket.ts';
import { publishTo } from '../shared/aws/cloudwatch.ts';
import { startsOf } from '../shared/aws/executions.ts';
import { connectTablesFor } from '../shared/aws/tables.ts';
import { makeRowLookups } from '../shared/bulkRows.ts';
import { makeDueDays, makeMarkDue } from '../shared/dueDays.ts';
import type { Executions } from '../shared/executions.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeRuns } from '../shared/ledger.ts';
import { makeByState, makeOfDay } from '../shared/ledgerQueries.ts';
import { makeModels } from '../shared/models.ts';
import { makeOpenBatches } from '../shared/openBatches.ts';
import { readSettings } from '../shared/settings.ts';
import { driftStep } from './drift.ts';
import { makeMetricsTable } from './metricsTable.ts';

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
/** Made where it is needed first: most containers never start an execution, and none should begin later for it. */
let executions: Pick<Executions, 'start'> | undefined;

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
    readPiece: readPieceFrom(settings.resultsBucket),
    executions: {
      start: (name, input) => {
        executions ??= startsOf(settings.stateMachineArn);
        return executions.start(name, input);
      },
    },
    publish: publishTo(settings.stage),
    now: () => new Date(),
  }),
);
