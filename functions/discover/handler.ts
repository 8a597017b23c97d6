import { BatchGetCommand, DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { listScenesIn, listVersionsIn, readFrom, resultsIn } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { executionsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeWaitingDuplicatesOf } from '../../core/ledger/contentClaim.ts';
import { makeWatermark } from '../../core/ledger/dueDays.ts';
import { makeByRun, makeByState, makeFailures, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeOpenBatches } from '../../core/ledger/openBatches.ts';
import { makeForget, makeRuns } from '../../core/ledger/runs.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { discoverStep } from './discover.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor({ BatchGetCommand, DeleteCommand, GetCommand, QueryCommand, UpdateCommand });

export const handler = lambdaHandler(
  discoverStep({
    ...settings,
    ...resultsIn(settings.resultsBucket),
    ledger: partsOn(
      tables,
      settings,
      makeRuns,
      makeForget,
      makeWaitingDuplicatesOf,
      makeOfScene,
      makeByRun,
      makeByState,
      makeFailures,
      makeOpenBatches,
      makeRowLookups,
      makeWatermark,
    ),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    executions: executionsOf(settings.stateMachineArn),
    listScenes: listScenesIn(settings.inboxBucket, settings.inboxPrefix),
    listVersions: listVersionsIn(settings.resultsBucket),
    publish: publishTo(settings.stage),
    now: () => new Date(),
  }),
);
