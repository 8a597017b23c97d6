import { ClaimLost } from '../errors.ts';
import type { ModelRef, SceneRef } from '../messages.ts';
import { runId } from '../run.ts';
import { makeAnnounceRun } from './announceRun.ts';
import { makeEnd, makeRowLookups } from './bulkRows.ts';
import { makeClaimMessages, makeMessageOwner } from './claimMessages.ts';
import type { ClaimRequest } from './claimRequest.ts';
import { makeClaimContent } from './contentClaim.ts';
import { makeDueDays, makeMarkDue } from './dueDays.ts';
import { leaseEnd } from './lease.ts';
import { changes, FOUND_BY_AN_ATTEMPT, keyOfRun, toBeTried, toChanged, toRow } from './ledgerItem.ts';
import { makeByRun, makeByState, makeFailures, makeOfDay, makeOfScene, makeRowsOfDay } from './ledgerQueries.ts';
import {
  type Holder,
  hasMissedItsFile,
  isRunning,
  type LedgerRow,
  RUNNING,
  type RunError,
  type State,
} from './ledgerRow.ts';
import { makeAnnounceBatch, makeFindBatch, makeHoldBatch, makeOpenBatches } from './openBatches.ts';
import { makeEndShadow, makeShadowsOf } from './shadowRuns.ts';
import { makeSupersedeRow } from './supersedeRow.ts';
import { isConditionRefused, type Table, type TableWith } from './table.ts';
import { makeTellTruth } from './tellTruth.ts';
import { makeAddWaitingDuplicate, makeWaitingDuplicatesOf } from './waitingDuplicates.ts';
import { makeWatermark } from './watermark.ts';

/**
 * The ledger: one row per run, key `scene` (bucket/key#version), sort key `model` (name/version). Beside the runs, one
 * digest row per content and model version (scene = `digest#<sha256>`) says which run owns those bytes, a row per
 * duplicate (scene = `heirs#<owner>`) who waits in case that run fails, a row per message of answered predictions
 * (scene = `answered#<request>/<part>`) which run counts it, a row per shadow's run (scene = `shadow#<scene>`), and some rows (scene = `sweep#…`) what the sweep
 * has done and what it has to do, and which batches of bulk files are open; no bucket's name holds a hash sign, so none of
 * them collides with a run.
 *
 * Three indexes: `byState` (state, then changed#run: everything that failed since yesterday is one query), `byDay`
 * (countedDay, then changed: only runs that count have that attribute, and failed ones that are to be tried again) and `byRun`.
 */
export type Ledger = ReturnType<typeof makeLedger>;

export type Runs = ReturnType<typeof makeRuns>;

/** `held` says whether the caller holds the run now; the row is the run as it stands, whoever holds it. */
export type Claim = { held: boolean; row: LedgerRow };

export function makeRuns(table: TableWith<'get' | 'update'>, TableName: string) {
  async function get(scene: SceneRef, model: ModelRef): Promise<LedgerRow | undefined> {
    const { Item } = await table.get({ TableName, Key: keyOfRun(scene, model), ConsistentRead: true });
    return Item === undefined ? undefined : toRow(Item);
  }

  /**
   * Claims a run before any work on it.
   *
   *   time → claim ── lease, renewed ───────┤ expired
   *            another claim is refused     │ another claim is let in, as the next attempt
   *
   * A file that earlier attempts have missed has come back, if whoever claims its run has opened it: then it has as many
   * attempts as a new one. An heir was a duplicate of a run that has failed.
   *
   * @param missed the run as it stood when its attempts were used up, where the file has come back since
   */
  async function claim(request: ClaimRequest, missed?: LedgerRow): Promise<Claim> {
    const { scene, model, execution, now, leaseSeconds, attemptLimit, fixed } = request;
    const run = runId(scene, model);
    const attemptsLeft = 'attempt < attemptLimit';
    const isNew = 'attribute_not_exists(scene)';
    const hasFailed = `(#state = :failed AND ${attemptsLeft})`;
    const hasExpired = `(#state IN (:claimed, :prepared, :predicted) AND lease < :now AND ${attemptsLeft})`;
    const hasComeBack = '(#state = :failed AND attempt = :missed)';
    const limit = missed === undefined ? 'if_not_exists(attemptLimit, :attemptLimit)' : ':attemptLimit';
    const isHeir = '(#state = :duplicate AND attribute_exists(#heir))';
    const fixedOnce =
      fixed === undefined
        ? ''
        : ', #day = if_not_exists(#day, :day), chipsPerPart = if_not_exists(chipsPerPart, :chipsPerPart)';
    try {
      const { Attributes } = await table.update({
        TableName,
        Key: keyOfRun(scene, model),
        UpdateExpression: `SET run = :run, #bucket = :bucket, #key = :key, versionId = :versionId, #state = :claimed, changed = :changed, claimedAt = :now, execution = :execution, lease = :lease, attempt = if_not_exists(attempt, :zero) + :one, attemptLimit = ${limit}${fixedOnce} REMOVE ${FOUND_BY_AN_ATTEMPT.map((name) => `#${name}`).join(', ')}`,
        ConditionExpression: [isNew, hasFailed, hasExpired, hasComeBack, isHeir].join(' OR '),
        ExpressionAttributeNames: {
          '#state': 'state',
          '#bucket': 'bucket',
          '#key': 'key',
          ...Object.fromEntries(FOUND_BY_AN_ATTEMPT.map((name) => [`#${name}`, name])),
          ...(fixed && { '#day': 'day' }),
        },
        ExpressionAttributeValues: {
          ':run': run,
          ':bucket': scene.bucket,
          ':key': scene.key,
          ':versionId': scene.versionId,
          ':claimed': 'CLAIMED',
          ':prepared': 'PREPARED',
          ':predicted': 'PREDICTED',
          ':failed': 'FAILED',
          ':duplicate': 'DUPLICATE',
          ':missed': missed?.attempt ?? 0, // which no attempt has
          ':changed': toChanged(now, run),
          ':now': now.toISOString(),
          ':execution': execution,
          ':lease': leaseEnd(now, leaseSeconds),
          ':zero': 0,
          ':one': 1,
          ':attemptLimit': (missed?.attempt ?? 0) + attemptLimit,
          ...(fixed && { ':day': fixed.day, ':chipsPerPart': fixed.chipsPerPart }),
        },
        ReturnValues: 'ALL_NEW',
      });
      return { held: true, row: toRow(Attributes) };
    } catch (error) {
      if (!isConditionRefused(error)) throw error;
    }
    const row = await get(scene, model);
    if (row === undefined) throw new ClaimLost(`The run ${run} vanished from the ledger while it was being claimed.`);
    // A step that Step Functions repeats comes from the execution that holds the claim already.
    if (row.execution === execution && isRunning(row.state)) {
      const holder = { scene, model, execution, attempt: row.attempt };
      return { held: true, row: await write(holder, [...RUNNING], { lease: leaseEnd(now, leaseSeconds) }) };
    }
    if (missed === undefined && fixed !== undefined && hasMissedItsFile(row)) return claim(request, row);
    return { held: false, row };
  }

  /**
   * Changes a held run, if it is in one of `from`; throws `ClaimLost` when it is not, is no longer ours, or is being ended by
   * whoever settles it. With `seen`, it must have been `changed` then.
   */
  async function write(
    holder: Holder,
    from: State[],
    attributes: Record<string, unknown>,
    { seen, isEnder = false }: { seen?: string | undefined; isEnder?: boolean } = {},
  ): Promise<LedgerRow> {
    const { expression, names, values } = changes(attributes);
    const isOurs = 'attempt = :ourAttempt AND execution = :ourExecution';
    const isThere = `#state IN (${from.map((_, i) => `:from${i}`).join(', ')})`;
    const isAsSeen = seen === undefined ? [] : ['changed = :seen'];
    const isNotEnding = isEnder ? [] : ['attribute_not_exists(ending)'];
    try {
      const { Attributes } = await table.update({
        TableName,
        Key: keyOfRun(holder.scene, holder.model),
        UpdateExpression: expression,
        ConditionExpression: [isOurs, isThere, ...isAsSeen, ...isNotEnding].join(' AND '),
        ExpressionAttributeNames: { ...names, '#state': 'state' },
        ExpressionAttributeValues: {
          ...values,
          ':ourAttempt': holder.attempt,
          ':ourExecution': holder.execution,
          ...(seen !== undefined && { ':seen': seen }),
          ...Object.fromEntries(from.map((state, i) => [`:from${i}`, state])),
        },
        ReturnValues: 'ALL_NEW',
      });
      return toRow(Attributes);
    } catch (error) {
      if (!isConditionRefused(error)) throw error;
      const run = runId(holder.scene, holder.model);
      throw new ClaimLost(`Attempt ${holder.attempt} no longer holds the run ${run}; another execution has it.`);
    }
  }

  /**
   * Moves a held run forward to `state`. Doing it again is allowed; going back is not.
   *
   * @param seen when the run came into the state that it is in: a step that was repeated meanwhile has another time
   */
  function advance(
    holder: Holder,
    state: State,
    now: Date,
    attributes: Record<string, unknown> = {},
    seen?: Pick<LedgerRow, 'changed'>,
  ) {
    const run = runId(holder.scene, holder.model);
    const settled = isRunning(state) ? {} : { lease: undefined };
    const all = { state, changed: toChanged(now, run), ...settled, ...attributes };
    return write(holder, statesBefore(state), all, { seen: seen && toChanged(seen.changed, run) });
  }

  /** Renews the lease of a held run, and so makes sure that it is still held. */
  function renew(holder: Holder, now: Date, leaseSeconds: number) {
    return write(holder, [...RUNNING], { lease: leaseEnd(now, leaseSeconds) });
  }

  /**
   * Says of a held run that it is about to fail. From now on none of its workers brings it forward or holds its claim, be it
   * one that was given up and goes on: so what is removed before it fails stays away.
   */
  function beginToFail(row: LedgerRow) {
    return write(row, [...RUNNING], { ending: true }, { isEnder: true });
  }

  /** Ends a held run as `FAILED` or `INVALID`; how its earlier attempts failed stays with it. */
  function fail(row: LedgerRow, state: 'FAILED' | 'INVALID', failure: Failure, now: Date) {
    const { error, failures } = failed(row, failure, now);
    const attemptLimit = limitAfter(row, error);
    const waits = state === 'FAILED' ? toBeTried({ ...row, attemptLimit }) : {};
    const total = Math.max(0, now.getTime() - Date.parse(row.claimedAt)); // the clock may have been set back
    const story = { error, failures, attemptLimit, ...waits, milliseconds: { ...row.milliseconds, total } };
    const end = { state, changed: toChanged(now, row.run), lease: undefined, ending: undefined, ...story };
    return write(row, statesBefore(state), end, { isEnder: true });
  }

  /** Grants a failed run one more attempt than it has had, or `more`. Throws `ClaimLost` when it is not `FAILED` any more. */
  function grantAttempt(row: LedgerRow, now: Date, more = 1) {
    const attemptLimit = Math.max(row.attemptLimit, row.attempt + more);
    const waits = toBeTried({ ...row, attemptLimit });
    return write(row, ['FAILED'], { attemptLimit, ...waits, changed: toChanged(now, row.run) }); // so that a sweep sees it anew
  }

  /** Lets a duplicate be claimed once more, as its owner has failed. Throws `ClaimLost` where it is not, or was claimed since. */
  async function letTakeOver(row: LedgerRow): Promise<void> {
    await write(row, ['DUPLICATE'], { heir: true });
  }

  return { get, claim, advance, renew, beginToFail, fail, grantAttempt, letTakeOver };
}

export const makeForget = (table: TableWith<'delete'>, TableName: string) => ({
  /** Removes the row of a file that no model version could be named for, once its own run has been started. */
  async forget(row: LedgerRow): Promise<void> {
    await table.delete({ TableName, Key: keyOfRun(row.scene, row.model) });
  },
});

/** Whose the bytes are, as far as a claim of theirs has to know. */
export function makeDigests(table: TableWith<'get' | 'put' | 'update'>, TableName: string) {
  return makeClaimContent(table, TableName, {
    ...makeRuns(table, TableName),
    ...makeAddWaitingDuplicate(table, TableName),
    ...makeFindBatch(table, TableName),
  });
}

/** All of the ledger. A function takes the parts of it that it has the rights for. */
export function makeLedger(table: Table, TableName: string) {
  return {
    ...makeRuns(table, TableName),
    ...makeAnnounceRun(table, TableName),
    ...makeForget(table, TableName),
    ...makeDigests(table, TableName),
    ...makeClaimMessages(table, TableName),
    ...makeMessageOwner(table, TableName),
    ...makeTellTruth(table, TableName),
    ...makeAddWaitingDuplicate(table, TableName),
    ...makeWaitingDuplicatesOf(table, TableName),
    ...makeFindBatch(table, TableName),
    ...makeAnnounceBatch(table, TableName),
    ...makeHoldBatch(table, TableName),
    ...makeOpenBatches(table, TableName),
    ...makeRowLookups(table, TableName),
    ...makeEnd(table, TableName),
    ...makeOfScene(table, TableName),
    ...makeByRun(table, TableName),
    ...makeEndShadow(table, TableName),
    ...makeShadowsOf(table, TableName),
    ...makeByState(table, TableName),
    ...makeFailures(table, TableName),
    ...makeSupersedeRow(table, TableName),
    ...makeOfDay(table, TableName),
    ...makeRowsOfDay(table, TableName),
    ...makeWatermark(table, TableName),
    ...makeMarkDue(table, TableName),
    ...makeDueDays(table, TableName),
  };
}

/** What is known of a failure where it is seen; the rest of its story is in the row. */
export type Failure = Pick<RunError, 'name' | 'message' | 'step'>;

/** A row ends at 400 KB, and every index entry costs: of former failures the last ones are kept, each in short. */
const FAILURES_KEPT = 10;
const FORMER_MESSAGE_LETTERS = 1000;

/** What the row of a run keeps of a failure of its attempt. */
export function failed(
  row: Pick<LedgerRow, 'attempt' | 'execution' | 'failures'>,
  { name, message, step }: Failure,
  now: Date,
): { error: RunError; failures: RunError[] } {
  const { attempt, execution } = row;
  const error: RunError = { name, message, step, attempt, at: now.toISOString(), execution };
  const failure = { ...error, message: message.slice(0, FORMER_MESSAGE_LETTERS).toWellFormed() };
  return { error, failures: [...(row.failures ?? []), failure].slice(-FAILURES_KEPT) };
}

/** An interruption is nobody's fault and costs no attempt; a version that is gone will not come back. */
export function limitAfter(
  { attempt, attemptLimit }: Pick<LedgerRow, 'attempt' | 'attemptLimit'>,
  { name }: Pick<RunError, 'name'>,
): number {
  if (name === 'Interrupted') return attemptLimit + 1;
  return name === 'SceneFileChanged' ? attempt : attemptLimit;
}

/** Which states lead to one within an attempt, itself among them. */
function statesBefore(state: State): State[] {
  if (state === 'DUPLICATE') return ['CLAIMED', state]; // what is prepared owns its bytes
  const place = (RUNNING as readonly State[]).indexOf(state);
  return place < 0 ? [...RUNNING, state] : RUNNING.slice(0, place + 1);
}
