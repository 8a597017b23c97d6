import { BatchGetCommand, DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  openScene,
  readFrom,
  readPieceFrom,
  readVersionFrom,
  removeVersionFrom,
  replaceVersionIn,
} from '../shared/aws/bucket.ts';
import { connectTablesFor } from '../shared/aws/tables.ts';
import { makeEnd, makeRowLookups } from '../shared/bulkRows.ts';
import { makeMarkDue } from '../shared/dueDays.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeDigests, makeRuns } from '../shared/ledger.ts';
import { makeModels } from '../shared/models.ts';
import { makeHoldBatch } from '../shared/openBatches.ts';
import { readSettings } from '../shared/settings.ts';
import { makeClassifiers } from './classifier.ts';
import { inferStep } from './infer.ts';

const settings = readSettings(process.env);
const { ledgerTable } = settings;
const tables = connectTablesFor({
  batchGet: BatchGetCommand,
  delete: DeleteCommand,
  get: GetCommand,
  put: PutCommand,
  update: UpdateCommand,
});
/** So much memory comes with one vCPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEGABYTES_PER_CORE = 1769;
const cores = Math.max(1, Math.floor(Number(process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 0) / MEGABYTES_PER_CORE));

const models = makeModels(readFrom(settings.modelsBucket), settings.modelName);

export const handler = lambdaHandler(
  inferStep({
    ...settings,
    ledger: {
      ...makeRuns(tables, ledgerTable),
      ...makeDigests(tables, ledgerTable),
      ...makeHoldBatch(tables, ledgerTable),
      ...makeRowLookups(tables, ledgerTable),
      ...makeEnd(tables, ledgerTable),
      ...makeMarkDue(tables, ledgerTable),
    },
    classifier: makeClassifiers(models, cores),
    readResult: readFrom(settings.resultsBucket),
    openScene,
    readPiece: readPieceFrom(settings.resultsBucket),
    readVersion: readVersionFrom(settings.resultsBucket),
    replaceVersion: replaceVersionIn(settings.resultsBucket),
    removeVersion: removeVersionFrom(settings.resultsBucket),
    now: () => new Date(),
  }),
);
