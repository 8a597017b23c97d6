import { BatchGetCommand, DeleteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { readFrom, readRangeOf, writeTo } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { registerPartitionIn } from '../../aws/partitions.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeDays } from '../../core/drift/metricsTable.ts';
import { makeRevisedDays } from '../../core/ledger/dueDays.ts';
import { makeByState, makeRowsOfDay } from '../../core/ledger/ledgerQueries.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { renderReport } from '../../report/html.ts';
import { reportStep } from './reportStep.ts';

const ports = stepPorts();
const tables = connectTablesFor({ BatchGetCommand, DeleteCommand, QueryCommand });

export const handler = lambdaHandler(
  reportStep({
    ...ports,
    ledger: partsOn(tables, ports, makeByState, makeRowsOfDay, makeRevisedDays),
    metrics: makeDays(tables, ports.metricsTable),
    readResult: readFrom(ports.resultsBucket),
    writeResult: writeTo(ports.resultsBucket),
    readRange: readRangeOf(),
    render: renderReport,
    publish: publishTo(ports.stage),
    registerPartition: registerPartitionIn(ports.sqlDatabase, ports.resultsBucket),
  }),
);
