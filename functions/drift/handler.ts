import { readFrom, readPieceFrom, writeTo } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { startsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { connectTablesFor, everyCommand } from '../../aws/tables.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeDueDays, makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeByState, makeOfDay } from '../../core/ledger/ledgerQueries.ts';
import { makeOpenBatches } from '../../core/ledger/openBatches.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { driftStep } from './drift.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor(everyCommand);

export const handler = lambdaHandler(
  driftStep({
    ...settings,
    ledger: partsOn(
      tables,
      settings,
      ...[makeRuns, makeOfDay, makeByState, makeOpenBatches],
      ...[makeRowLookups, makeMarkDue, makeDueDays],
    ),
    metrics: makeMetricsTable(tables, settings.metricsTable),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    readResult: readFrom(settings.resultsBucket),
    writeResult: writeTo(settings.resultsBucket),
    hrefOf: ({ bucket, key }) => `s3://${bucket === 'inbox' ? settings.inboxBucket : settings.modelsBucket}/${key}`,
    readPiece: readPieceFrom(settings.resultsBucket),
    executions: startsOf(settings.stateMachineArn),
    publish: publishTo(settings.stage),
    now: () => new Date(),
  }),
);
