import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { readFrom, readRangeOf, writeTo } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { registerPartitionIn } from '../../aws/partitions.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeDays } from '../../core/drift/metricsTable.ts';
import { makeByState, makeRowsOfDay } from '../../core/ledger/ledgerQueries.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { renderReport } from '../../report/html.ts';
import { reportStep } from './reportStep.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor({ BatchGetCommand, QueryCommand });

export const handler = lambdaHandler(
  reportStep({
    ...settings,
    ledger: partsOn(tables, settings, makeByState, makeRowsOfDay),
    metrics: makeDays(tables, settings.metricsTable),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    readResult: readFrom(settings.resultsBucket),
    writeResult: writeTo(settings.resultsBucket),
    readRange: readRangeOf(),
    render: renderReport,
    publish: publishTo(settings.stage),
    registerPartition: registerPartitionIn(settings.sqlDatabase, settings.resultsBucket),
    now: () => new Date(),
  }),
);
