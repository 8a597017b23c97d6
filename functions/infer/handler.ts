import { openScene, readFrom, resultsIn } from '../../aws/bucket.ts';
import { coresOf } from '../../aws/cores.ts';
import { startsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { registerPartitionIn } from '../../aws/partitions.ts';
import { connectTablesFor, everyCommand } from '../../aws/tables.ts';
import { onnx } from '../../core/inference/onnx/session.ts';
import { makeInferences } from '../../core/inference/predict.ts';
import { makeEnd, makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeClaimMessages, makeMessageOwner } from '../../core/ledger/claimMessages.ts';
import { makeDigests, makeNameOwners } from '../../core/ledger/contentClaim.ts';
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeHoldBatch } from '../../core/ledger/openBatches.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { makeEndShadow } from '../../core/ledger/shadowRuns.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { inferStep } from './infer.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor(everyCommand);
const models = makeModels(readFrom(settings.modelsBucket), settings.modelName);

export const handler = lambdaHandler(
  inferStep({
    ...settings,
    ...resultsIn(settings.resultsBucket),
    ledger: partsOn(
      tables,
      settings,
      makeRuns,
      makeDigests,
      makeClaimMessages,
      makeMessageOwner,
      makeHoldBatch,
      makeRowLookups,
      makeNameOwners,
      makeEnd,
      makeMarkDue,
      makeEndShadow,
    ),
    models,
    executions: startsOf(settings.stateMachineArn),
    classifier: makeInferences(models, { runtimes: [onnx], threads: coresOf(process.env) }),
    openScene,
    registerPartition: registerPartitionIn(settings.sqlDatabase, settings.resultsBucket),
    now: () => new Date(),
  }),
);
