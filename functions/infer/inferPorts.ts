import { openScene, resultsIn } from '../../aws/bucket.ts';
import { startsOf } from '../../aws/executionStarts.ts';
import { registerPartitionIn } from '../../aws/partitions.ts';
import { runtimesOf } from '../../aws/runtimes.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor, everyCommand } from '../../aws/tables.ts';
import { makeInferences } from '../../core/inference/predict.ts';
import type { OpenedOn } from '../../core/inference/runtime.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';

/** The ports of infer in an account, by the environment: those of the function, and of a job in a container. */
export function inferPorts(on: OpenedOn) {
  const ports = stepPorts();
  return {
    ...ports,
    ...resultsIn(ports.resultsBucket),
    ledger: makeLedger(connectTablesFor(everyCommand), ports.ledgerTable, ports.requestDays),
    executions: startsOf(ports.stateMachineArn),
    classifier: makeInferences(ports.models, { runtimes: runtimesOf(process.env), ...on }),
    openScene,
    registerPartition: registerPartitionIn(ports.sqlDatabase, ports.resultsBucket),
  };
}
