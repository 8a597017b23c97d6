import { makeEnd, makeRowLookups } from './bulkRows.ts';
import { makeClaimMessages, makeMessageOwner } from './claimMessages.ts';
import { makeAddWaitingDuplicate, makeDigests, makeNameOwners, makeWaitingDuplicatesOf } from './contentClaim.ts';
import type { Ledger } from './contract.ts';
import { makeDueDays, makeMarkDue, makeRevisedDays, makeWatermark } from './dueDays.ts';
import { makeByRun, makeByState, makeFailures, makeOfDay, makeOfScene, makeRowsOfDay } from './ledgerQueries.ts';
import { makeAnnounceBatch, makeFindBatch, makeHoldBatch, makeLoseBatch, makeOpenBatches } from './openBatches.ts';
import { makeAnnounceRun, makeForget, makeRuns, makeTellTruth, makeWithdraw } from './runs.ts';
import { makeEndShadow, makeShadowsOf } from './shadowRuns.ts';
import { partsOn, type Table } from './table.ts';

/**
 * Keeps the ledger in a DynamoDB table. A function takes only the parts that it has permissions for.
 *
 * Each run has one row: key `scene` (bucket/key#version), sort key `model` (name/version). The table holds
 * further rows, whose keys cannot collide with a run's, because no bucket name contains a hash sign:
 *
 * - `digest#<sha256>`: which run owns this content, per model version
 * - `heirs#<owner>`: one row per duplicate that waits in case the owner fails
 * - `answered#<request>/<part>`: which run counts this message of answered predictions
 * - `shadow#<scene>`: the run of a shadow
 * - `sweep#…`: what the sweep has done and has to do, and the open batches of bulk files
 *
 * Rows of requests and of predictions answered over HTTP expire: see ledgerItem.ts.
 *
 * Three indexes: `byState` (state, then changed#run: "everything that failed since yesterday" is one query), `byDay`
 * (countedDay, then changed: holds only runs that count, and failed ones that will be retried) and `byRun`.
 *
 * @param requestDays after how many days rows of requests expire; by default never
 */
export const makeLedger = (table: Table, TableName: string, requestDays = Infinity): Ledger =>
  partsOn(
    table,
    { ledgerTable: TableName, requestDays },
    ...[makeRuns, makeAnnounceRun, makeForget, makeWithdraw, makeTellTruth, makeDigests, makeNameOwners],
    ...[makeAddWaitingDuplicate, makeWaitingDuplicatesOf, makeClaimMessages, makeMessageOwner],
    ...[makeFindBatch, makeAnnounceBatch, makeHoldBatch, makeLoseBatch, makeOpenBatches, makeRowLookups, makeEnd],
    ...[makeOfScene, makeByRun, makeByState, makeFailures, makeOfDay, makeRowsOfDay],
    ...[makeEndShadow, makeShadowsOf, makeWatermark, makeMarkDue, makeDueDays, makeRevisedDays],
  );
