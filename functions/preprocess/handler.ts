import {
  listFormers,
  listVersionsIn,
  openScene,
  readFrom,
  readVersionFrom,
  removeVersionFrom,
  replaceVersionIn,
  writeTo,
} from '../shared/aws/bucket.ts';
import { connectTables } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeLedger } from '../shared/ledger.ts';
import { makeModels } from '../shared/models.ts';
import { readSettings } from '../shared/settings.ts';
import { preprocessStep } from './preprocess.ts';

const settings = readSettings(process.env);

const ports = {
  ...settings,
  ledger: makeLedger(connectTables(), settings.ledgerTable),
  models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
  listVersions: listVersionsIn(settings.resultsBucket),
  removeVersion: removeVersionFrom(settings.resultsBucket),
  now: () => new Date(),
};

export const handler = lambdaHandler(
  preprocessStep({
    ...ports,
    openScene,
    listFormers,
    writeResult: writeTo(settings.resultsBucket),
    supersede: async (...found) => {
      // Hardly any file needs these, and a cold start would wait for them.
      const { makeSupersede } = await import('./supersede.ts');
      const { executionsOf } = await import('../shared/aws/executions.ts');
      return makeSupersede({
        ...ports,
        executions: executionsOf(settings.stateMachineArn),
        readVersion: readVersionFrom(settings.resultsBucket),
        replaceVersion: replaceVersionIn(settings.resultsBucket),
      })(...found);
    },
  }),
);
