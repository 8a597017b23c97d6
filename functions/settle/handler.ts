import { listVersionsIn, resultsIn } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { executionsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor, everyCommand } from '../../aws/tables.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { settleStep } from './settle.ts';

const ports = stepPorts();

export const handler = lambdaHandler(
  settleStep({
    ...ports,
    ...resultsIn(ports.resultsBucket),
    ledger: makeLedger(connectTablesFor(everyCommand), ports.ledgerTable, ports.requestDays),
    executions: executionsOf(ports.stateMachineArn),
    listVersions: listVersionsIn(ports.resultsBucket),
    publish: publishTo(ports.stage),
  }),
);
