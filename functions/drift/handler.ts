import { readFrom, readPieceFrom } from '../shared/aws/bucket.ts';
import { publishTo } from '../shared/aws/cloudwatch.ts';
import { executionsOf } from '../shared/aws/executions.ts';
import { connectTables } from '../shared/aws/tables.ts';
import type { Executions } from '../shared/executions.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeLedger } from '../shared/ledger.ts';
import { makeModels } from '../shared/models.ts';
import { readSettings } from '../shared/settings.ts';
import { driftStep } from './drift.ts';
import { makeMetricsTable } from './metricsTable.ts';

const settings = readSettings(process.env);
const tables = connectTables();
/** Made where it is needed first: most containers never start an execution, and none should begin later for it. */
let executions: Executions | undefined;

export const handler = lambdaHandler(
  driftStep({
    ...settings,
    ledger: makeLedger(tables, settings.ledgerTable),
    metrics: makeMetricsTable(tables, settings.metricsTable),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    readPiece: readPieceFrom(settings.resultsBucket),
    executions: {
      start: (name, input) => {
        executions ??= executionsOf(settings.stateMachineArn);
        return executions.start(name, input);
      },
    },
    publish: publishTo(settings.stage),
    now: () => new Date(),
  }),
);
