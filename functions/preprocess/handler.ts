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
import { executionsOf } from '../shared/aws/executions.ts';
import { connectTablesFor } from '../shared/aws/tables.ts';
import { makeMarkDue } from '../shared/dueDays.ts';
import { makeHeirsOf } from '../shared/heirs.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeDigests, makeRuns } from '../shared/ledger.ts';
import { makeOfScene } from '../shared/ledgerQueries.ts';
import { makeModels } from '../shared/models.ts';
import { makeFindBatch } from '../shared/openBatches.ts';
import { readSettings } from '../shared/settings.ts';
import { makeSupersedeRow } from '../shared/supersedeRow.ts';
import { preprocessStep } from './preprocess.ts';
import { makeSupersede, type Supersede } from './supersede.ts';

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

/** Made where it is needed first: hardly any file needs it, and it brings a client of executions along. */
let supersede: Supersede | undefined;

function newSupersede(): Supersede {
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
  });
}

export const handler = lambdaHandler(
  preprocessStep({
    ...ports,
    ledger: { ...runs, ...makeDigests(tables, ledgerTable) },
    openScene,
    listFormers,
    writeResult: writeTo(settings.resultsBucket),
    supersede: (...found) => {
      supersede ??= newSupersede();
      return supersede(...found);
    },
  }),
);
