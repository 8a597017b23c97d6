import { DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { startsOf } from '../shared/aws/executions.ts';
import { connectTablesFor } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeForget, makeRuns } from '../shared/ledger.ts';
import { makeByRun, makeOfScene } from '../shared/ledgerQueries.ts';
import { readSettings } from '../shared/settings.ts';
import { retryStep } from './retryStep.ts';

const settings = readSettings(process.env);
const { ledgerTable } = settings;
const tables = connectTablesFor({ delete: DeleteCommand, get: GetCommand, query: QueryCommand, update: UpdateCommand });

export const handler = lambdaHandler(
  retryStep({
    ledger: {
      ...makeRuns(tables, ledgerTable),
      ...makeForget(tables, ledgerTable),
      ...makeOfScene(tables, ledgerTable),
      ...makeByRun(tables, ledgerTable),
    },
    executions: startsOf(settings.stateMachineArn),
    now: () => new Date(),
  }),
);
