import { listVersionsIn, resultsIn } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { executionsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor, everyCommand } from '../../aws/tables.ts';
import { makeEnd, makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeNameOwners, makeWaitingDuplicatesOf } from '../../core/ledger/contentClaim.ts';
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeByState, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeHoldBatch } from '../../core/ledger/openBatches.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { makeEndShadow } from '../../core/ledger/shadowRuns.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { settleStep } from './settle.ts';

const ports = stepPorts();

export const handler = lambdaHandler(
  settleStep({
    ...ports,
    ...resultsIn(ports.resultsBucket),
    ledger: partsOn(
      connectTablesFor(everyCommand),
      ports,
      ...[makeRuns, makeWaitingDuplicatesOf, makeOfScene, makeByState, makeHoldBatch],
      ...[makeRowLookups, makeEnd, makeNameOwners, makeMarkDue, makeEndShadow],
    ),
    executions: executionsOf(ports.stateMachineArn),
    listVersions: listVersionsIn(ports.resultsBucket),
    publish: publishTo(ports.stage),
  }),
);
