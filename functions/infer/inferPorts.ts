import { openScene, resultsIn } from '../../aws/bucket.ts';
import { startsOf } from '../../aws/executionStarts.ts';
import { registerPartitionIn } from '../../aws/partitions.ts';
import { runtimesOf } from '../../aws/runtimes.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor, everyCommand } from '../../aws/tables.ts';
import { makeInferences } from '../../core/inference/predict.ts';
import type { OpenedOn } from '../../core/inference/runtime.ts';
import { makeEnd, makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeClaimMessages, makeMessageOwner } from '../../core/ledger/claimMessages.ts';
import { makeDigests, makeNameOwners } from '../../core/ledger/contentClaim.ts';
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeHoldBatch } from '../../core/ledger/openBatches.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { makeEndShadow } from '../../core/ledger/shadowRuns.ts';
import { partsOn } from '../../core/ledger/table.ts';

/** The ports of infer in an account, by the environment: those of the function, and of a job in a container. */
export function inferPorts(on: OpenedOn) {
  const ports = stepPorts();
  return {
    ...ports,
    ...resultsIn(ports.resultsBucket),
    ledger: partsOn(
      connectTablesFor(everyCommand),
      ports,
      ...[makeRuns, makeDigests, makeClaimMessages, makeMessageOwner, makeHoldBatch],
      ...[makeRowLookups, makeNameOwners, makeEnd, makeMarkDue, makeEndShadow],
    ),
    executions: startsOf(ports.stateMachineArn),
    classifier: makeInferences(ports.models, { runtimes: runtimesOf(process.env), ...on }),
    openScene,
    registerPartition: registerPartitionIn(ports.sqlDatabase, ports.resultsBucket),
  };
}
