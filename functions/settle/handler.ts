import { listVersionsIn, readFrom, resultsIn } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { executionsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { connectTablesFor, everyCommand } from '../../aws/tables.ts';
import { makeEnd, makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeNameOwners, makeWaitingDuplicatesOf } from '../../core/ledger/contentClaim.ts';
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeByState, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeHoldBatch } from '../../core/ledger/openBatches.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { makeEndShadow } from '../../core/ledger/shadowRuns.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { settleStep } from './settle.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor(everyCommand);

export const handler = lambdaHandler(
  settleStep({
    ...settings,
    ...resultsIn(settings.resultsBucket),
    ledger: partsOn(
      tables,
      settings,
      makeRuns,
      makeWaitingDuplicatesOf,
      makeOfScene,
      makeByState,
      makeHoldBatch,
      makeRowLookups,
      makeEnd,
      makeNameOwners,
      makeMarkDue,
      makeEndShadow,
    ),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    executions: executionsOf(settings.stateMachineArn),
    listVersions: listVersionsIn(settings.resultsBucket),
    publish: publishTo(settings.stage),
    now: () => new Date(),
  }),
);
