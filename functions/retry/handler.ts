import { executionsOf } from '../shared/aws/executions.ts';
import { connectTables } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeLedger } from '../shared/ledger.ts';
import { readSettings } from '../shared/settings.ts';
import { retryStep } from './retryStep.ts';

const settings = readSettings(process.env);

export const handler = lambdaHandler(
  retryStep({
    ledger: makeLedger(connectTables(), settings.ledgerTable),
    executions: executionsOf(settings.stateMachineArn),
    now: () => new Date(),
  }),
);
