import { readFrom, readPieceFrom, writeTo } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { startsOf } from '../../aws/executionStarts.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor, everyCommand } from '../../aws/tables.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeDueDays, makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeByState, makeOfDay, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeOpenBatches } from '../../core/ledger/openBatches.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { driftStep } from './drift.ts';

const ports = stepPorts();
const tables = connectTablesFor(everyCommand);

export const handler = lambdaHandler(
  driftStep({
    ...ports,
    ledger: partsOn(
      tables,
      ports,
      ...[makeRuns, makeOfDay, makeOfScene, makeByState, makeOpenBatches],
      ...[makeRowLookups, makeMarkDue, makeDueDays],
    ),
    metrics: makeMetricsTable(tables, ports.metricsTable),
    readResult: readFrom(ports.resultsBucket),
    writeResult: writeTo(ports.resultsBucket),
    hrefOf: ({ bucket, key }) => `s3://${bucket === 'models' ? ports.modelsBucket : bucket}/${key}`,
    readPiece: readPieceFrom(ports.resultsBucket),
    executions: startsOf(ports.stateMachineArn),
    publish: publishTo(ports.stage),
  }),
);
