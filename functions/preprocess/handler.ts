import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { findVersionIn, openScene, readFrom, removeVersionFrom, writeTo } from '../shared/aws/bucket.ts';
import { connectTablesFor } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeDigests, makeRuns } from '../shared/ledger.ts';
import { makeModels } from '../shared/models.ts';
import { readSettings } from '../shared/settings.ts';
import { preprocessStep } from './preprocess.ts';

const settings = readSettings(process.env);
const { ledgerTable } = settings;
const tables = connectTablesFor({ get: GetCommand, put: PutCommand, update: UpdateCommand });

export const handler = lambdaHandler(
  preprocessStep({
    ...settings,
    ledger: {
      ...makeRuns(tables, ledgerTable),
      ...makeDigests(tables, ledgerTable),
    },
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    openScene,
    writeResult: writeTo(settings.resultsBucket),
    findResult: findVersionIn(settings.resultsBucket),
    removeResult: removeVersionFrom(settings.resultsBucket),
    now: () => new Date(),
  }),
);
