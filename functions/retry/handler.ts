import { DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { startsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeForget, makeRuns } from '../../core/ledger/ledger.ts';
import { makeByRun, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { retryStep } from './retryStep.ts';

const settings = readSettings(process.env);
const { ledgerTable, requestDays } = settings;
const tables = connectTablesFor({ delete: DeleteCommand, get: GetCommand, query: QueryCommand, update: UpdateCommand });

export const handler = lambdaHandler(
  retryStep({
    ledger: {
      ...makeRuns(tables, ledgerTable, requestDays),
      ...makeForget(tables, ledgerTable),
      ...makeOfScene(tables, ledgerTable),
      ...makeByRun(tables, ledgerTable),
    },
    executions: startsOf(settings.stateMachineArn),
    now: () => new Date(),
  }),
);
