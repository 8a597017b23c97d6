import { DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { startsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeByRun, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeForget, makeRuns } from '../../core/ledger/runs.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { retryStep } from './retryStep.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor({ delete: DeleteCommand, get: GetCommand, query: QueryCommand, update: UpdateCommand });
const on = { table: tables, TableName: settings.ledgerTable, requestDays: settings.requestDays };

export const handler = lambdaHandler(
  retryStep({
    ledger: partsOn(on, makeRuns, makeForget, makeOfScene, makeByRun),
    executions: startsOf(settings.stateMachineArn),
    now: () => new Date(),
  }),
);
