import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
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
import { connectTablesFor } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeDigests, makeRuns } from '../shared/ledger.ts';
import { makeModels } from '../shared/models.ts';
import { readSettings } from '../shared/settings.ts';
import { preprocessStep } from './preprocess.ts';

const settings = readSettings(process.env);
const { ledgerTable } = settings;
const tables = connectTablesFor({ get: GetCommand, put: PutCommand, query: QueryCommand, update: UpdateCommand });
const runs = makeRuns(tables, ledgerTable);

const ports = {
  ...settings,
  models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
  listVersions: listVersionsIn(settings.resultsBucket),
  removeVersion: removeVersionFrom(settings.resultsBucket),
  now: () => new Date(),
};

export const handler = lambdaHandler(
  preprocessStep({
    ...ports,
    ledger: { ...runs, ...makeDigests(tables, ledgerTable) },
    openScene,
    listFormers,
    writeResult: writeTo(settings.resultsBucket),
    supersede: async (...found) => {
      // Hardly any file needs these, and a cold start would wait for them.
      const { makeSupersede } = await import('./supersede.ts');
      const { executionsOf } = await import('../shared/aws/executions.ts');
      const { makeOfScene } = await import('../shared/ledgerQueries.ts');
      const { makeHeirsOf } = await import('../shared/heirs.ts');
      const { makeFindBatch } = await import('../shared/openBatches.ts');
      const { makeMarkDue } = await import('../shared/dueDays.ts');
      const { makeSupersedeRow } = await import('../shared/supersedeRow.ts');
      return makeSupersede({
        ...ports,
        ledger: {
          ...runs,
          ...makeOfScene(tables, ledgerTable),
          ...makeHeirsOf(tables, ledgerTable),
          ...makeFindBatch(tables, ledgerTable),
          ...makeMarkDue(tables, ledgerTable),
          ...makeSupersedeRow(tables, ledgerTable),
        },
        executions: executionsOf(settings.stateMachineArn),
        readVersion: readVersionFrom(settings.resultsBucket),
        replaceVersion: replaceVersionIn(settings.resultsBucket),
      })(...found);
    },
  }),
);
