import { DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { startsOf } from '../../aws/executionStarts.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeByRun, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeForget, makeRuns } from '../../core/ledger/runs.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { retryStep } from './retryStep.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor({ DeleteCommand, GetCommand, QueryCommand, UpdateCommand });

export const handler = lambdaHandler(
  retryStep({
    ledger: partsOn(tables, settings, makeRuns, makeForget, makeOfScene, makeByRun),
    executions: startsOf(settings.stateMachineArn),
    now: () => new Date(),
  }),
);
