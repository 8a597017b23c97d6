import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import {
  openScene,
  readFrom,
  readPieceFrom,
  readVersionFrom,
  removeVersionFrom,
  replaceVersionIn,
  writeTo,
} from '../../aws/bucket.ts';
import { coresOf } from '../../aws/cores.ts';
import { startsOf } from '../../aws/executions.ts';
import { lambdaHandler, lazily } from '../../aws/lambda.ts';
import { registerPartitionIn } from '../../aws/partitions.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeEnd, makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeClaimMessages, makeMessageOwner } from '../../core/ledger/claimMessages.ts';
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeDigests, makeRuns } from '../../core/ledger/ledger.ts';
import { makeNameOwners } from '../../core/ledger/nameOwners.ts';
import { makeHoldBatch } from '../../core/ledger/openBatches.ts';
import { makeEndShadow } from '../../core/ledger/shadowRuns.ts';
import { makeModels } from '../../core/models/models.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeSessions } from '../../core/runtimes/sessions.ts';
import { inferStep } from './infer.ts';

const settings = readSettings(process.env);
const { ledgerTable, requestDays } = settings;
const tables = connectTablesFor({
  batchGet: BatchGetCommand,
  delete: DeleteCommand,
  get: GetCommand,
  put: PutCommand,
  query: QueryCommand,
  update: UpdateCommand,
});

/** Made on first use: few models have a shadow. */
const executions = lazily(() => startsOf(settings.stateMachineArn));
const models = makeModels(readFrom(settings.modelsBucket), settings.modelName);

export const handler = lambdaHandler(
  inferStep({
    ...settings,
    ledger: {
      ...makeRuns(tables, ledgerTable, requestDays),
      ...makeDigests(tables, ledgerTable, requestDays),
      ...makeClaimMessages(tables, ledgerTable, requestDays),
      ...makeMessageOwner(tables, ledgerTable),
      ...makeHoldBatch(tables, ledgerTable),
      ...makeRowLookups(tables, ledgerTable),
      ...makeNameOwners(tables, ledgerTable, requestDays),
      ...makeEnd(tables, ledgerTable, requestDays),
      ...makeMarkDue(tables, ledgerTable),
      ...makeEndShadow(tables, ledgerTable, requestDays),
    },
    models,
    executions: { start: (name, input) => executions().start(name, input) },
    classifier: makeSessions(models, coresOf(process.env)),
    readResult: readFrom(settings.resultsBucket),
    writeResult: writeTo(settings.resultsBucket),
    openScene,
    readPiece: readPieceFrom(settings.resultsBucket),
    readVersion: readVersionFrom(settings.resultsBucket),
    replaceVersion: replaceVersionIn(settings.resultsBucket),
    removeVersion: removeVersionFrom(settings.resultsBucket),
    registerPartition: registerPartitionIn(settings.sqlDatabase, settings.resultsBucket),
    now: () => new Date(),
  }),
);
