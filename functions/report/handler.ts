import { makeMetricsTable } from '../drift/metricsTable.ts';
import { readFrom, readRangeOf, writeTo } from '../shared/aws/bucket.ts';
import { publishTo } from '../shared/aws/cloudwatch.ts';
import { connectTables } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeLedger } from '../shared/ledger.ts';
import { makeModels } from '../shared/models.ts';
import { readSettings } from '../shared/settings.ts';
import { renderReport } from './html.ts';
import { reportStep } from './reportStep.ts';

const settings = readSettings(process.env);
const tables = connectTables();

export const handler = lambdaHandler(
  reportStep({
    ...settings,
    ledger: makeLedger(tables, settings.ledgerTable),
    metrics: makeMetricsTable(tables, settings.metricsTable),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    readResult: readFrom(settings.resultsBucket),
    writeResult: writeTo(settings.resultsBucket),
    readRange: readRangeOf(),
    render: renderReport,
    publish: publishTo(settings.stage),
    now: () => new Date(),
  }),
);
