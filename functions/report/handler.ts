import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { makeDays } from '../drift/metricsTable.ts';
import { readFrom, readRangeOf, writeTo } from '../shared/aws/bucket.ts';
import { publishTo } from '../shared/aws/cloudwatch.ts';
import { connectTablesFor } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeByState, makeRowsOfDay } from '../shared/ledgerQueries.ts';
import { makeModels } from '../shared/models.ts';
import { readSettings } from '../shared/settings.ts';
import { renderReport } from './html.ts';
import { reportStep } from './reportStep.ts';

const settings = readSettings(process.env);
const { ledgerTable } = settings;
const tables = connectTablesFor({ batchGet: BatchGetCommand, query: QueryCommand });

export const handler = lambdaHandler(
  reportStep({
    ...settings,
    ledger: {
      ...makeByState(tables, ledgerTable),
      ...makeRowsOfDay(tables, ledgerTable),
    },
    metrics: makeDays(tables, settings.metricsTable),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    readResult: readFrom(settings.resultsBucket),
    writeResult: writeTo(settings.resultsBucket),
    readRange: readRangeOf(),
    render: renderReport,
    publish: publishTo(settings.stage),
    now: () => new Date(),
  }),
);
