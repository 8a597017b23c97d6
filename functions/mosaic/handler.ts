import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { readFrom, removeVersionFrom } from '../../aws/bucket.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { makeScratchFile } from '../../aws/scratchFile.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { writeStreamTo } from '../../aws/writeStream.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { mosaicStep } from './mosaic.ts';

const ports = stepPorts();

export const handler = lambdaHandler(
  mosaicStep({
    ...ports,
    ledger: makeRuns(connectTablesFor({ GetCommand, UpdateCommand }), ports.ledgerTable),
    readResult: readFrom(ports.resultsBucket),
    writeStream: writeStreamTo(ports.resultsBucket),
    removeVersion: removeVersionFrom(ports.resultsBucket),
    makeScratch: () => makeScratchFile(),
  }),
);
