import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { readFrom, removeVersionFrom } from '../../aws/bucket.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { writeStreamTo } from '../../aws/writeStream.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { mosaicStep } from './mosaic.ts';
import { makeScratchFile } from './scratchFile.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor({ GetCommand, UpdateCommand });

export const handler = lambdaHandler(
  mosaicStep({
    ...settings,
    ledger: makeRuns(tables, settings.ledgerTable),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    readResult: readFrom(settings.resultsBucket),
    writeStream: writeStreamTo(settings.resultsBucket),
    removeVersion: removeVersionFrom(settings.resultsBucket),
    makeScratch: () => makeScratchFile(),
    now: () => new Date(),
  }),
);
