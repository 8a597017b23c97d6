import { availableParallelism } from 'node:os';
import { readFrom, writeTo } from '../shared/aws/bucket.ts';
import { connectTables } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeLedger } from '../shared/ledger.ts';
import { makeModels } from '../shared/models.ts';
import { readSettings } from '../shared/settings.ts';
import { makeClassifiers } from './classifier.ts';
import { inferStep } from './infer.ts';

const settings = readSettings(process.env);
const models = makeModels(readFrom(settings.modelsBucket), settings.modelName);

export const handler = lambdaHandler(
  inferStep({
    ...settings,
    ledger: makeLedger(connectTables(), settings.ledgerTable),
    classifier: makeClassifiers(models, availableParallelism()),
    readResult: readFrom(settings.resultsBucket),
    writeResult: writeTo(settings.resultsBucket),
    now: () => new Date(),
  }),
);
