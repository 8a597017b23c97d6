import { BatchGetCommand, DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { listScenesIn, listVersionsIn, resultsIn } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { executionsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeWaitingDuplicatesOf } from '../../core/ledger/contentClaim.ts';
import { makeWatermark } from '../../core/ledger/dueDays.ts';
import { makeByRun, makeByState, makeFailures, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeLoseBatch, makeOpenBatches } from '../../core/ledger/openBatches.ts';
import { makeForget, makeRuns } from '../../core/ledger/runs.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { discoverStep } from './discover.ts';

const ports = stepPorts();

export const handler = lambdaHandler(
  discoverStep({
    ...ports,
    ...resultsIn(ports.resultsBucket),
    ledger: partsOn(
      connectTablesFor({ BatchGetCommand, DeleteCommand, GetCommand, QueryCommand, UpdateCommand }),
      ports,
      ...[makeRuns, makeForget, makeWaitingDuplicatesOf, makeOfScene, makeByRun],
      ...[makeByState, makeFailures, makeOpenBatches, makeLoseBatch, makeRowLookups, makeWatermark],
    ),
    executions: executionsOf(ports.stateMachineArn),
    listScenes: listScenesIn(ports.inboxBucket, ports.inboxPrefix),
    listVersions: listVersionsIn(ports.resultsBucket),
    publish: publishTo(ports.stage),
  }),
);
