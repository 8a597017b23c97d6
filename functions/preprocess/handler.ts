import { listVersionsIn, openScene, readFrom, removeVersionFrom, writeTo } from '../shared/aws/bucket.ts';
import { connectTables } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeLedger } from '../shared/ledger.ts';
import { makeModels } from '../shared/models.ts';
import { readSettings } from '../shared/settings.ts';
import { preprocessStep } from './preprocess.ts';

const settings = readSettings(process.env);

export const handler = lambdaHandler(
  preprocessStep({
    ...settings,
    ledger: makeLedger(connectTables(), settings.ledgerTable),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    openScene,
    writeResult: writeTo(settings.resultsBucket),
    listVersions: listVersionsIn(settings.resultsBucket),
    removeVersion: removeVersionFrom(settings.resultsBucket),
    now: () => new Date(),
  }),
);
