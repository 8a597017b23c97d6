import { ClaimLost, onError } from '../base/errors.ts';
import { type ModelRef, type RunRef, runId, type SceneRef } from '../base/messages.ts';
import { dayOf } from '../base/time/days.ts';
import type { StoredSummary } from '../tasks/registry.ts';
import type { Claim, ClaimRequest, Failure, Ledger } from './contract.ts';
import { leaseEnd } from './lease.ts';
import { changes, expiry, keyOfRun, toBeTried, toChanged, toRow } from './ledgerItem.ts';
import { FOUND, type Holder, hasMissedItsFile, type LedgerRow, type RunError } from './ledgerRow.ts';
import { isRunning, MOVES, RUNNING, type State } from './states.ts';
import { expressed, IS_NEW, type Item, isWritten, type TableWith, unlessRefused } from './table.ts';

export function makeRuns(table: TableWith<'get' | 'update'>, TableName: string, requestDays = Infinity) {
  async function get(scene: SceneRef, model: ModelRef): Promise<LedgerRow | undefined> {
    const { Item } = await table.get({ TableName, Key: keyOfRun(scene, model), ConsistentRead: true });
    return Item === undefined ? undefined : toRow(Item);
  }

  /**
   * Claims a run before any work on it.
   *
   *    time → claim ── lease, renewed ───────┤ expired
   *             another claim is refused     │ another claim succeeds, as the next attempt
   *
   * If earlier attempts failed because the file was missing, and the claimant has now opened it, the run gets as many
   * attempts as a new one. A row with `heir` is a duplicate whose owner has failed.
   *
   * @param missed the run as it stood when its attempts were used up, if its file has come back since
   */
  async function claim(request: ClaimRequest, missed?: LedgerRow): Promise<Claim> {
    const { scene, model, execution, now, leaseSeconds, attemptLimit, fixed } = request;
    const run = runId(scene, model);
    const attemptsLeft = 'attempt < attemptLimit';
    const isNew = IS_NEW.ConditionExpression;
    const hasFailed = `(#state = :failed AND ${attemptsLeft})`;
    const hasExpired = `(#state IN (:claimed, :prepared, :predicted) AND lease < :now AND ${attemptsLeft})`;
    const hasComeBack = '(#state = :failed AND attempt = :missed)';
    const limit = missed === undefined ? 'if_not_exists(attemptLimit, :attemptLimit)' : ':attemptLimit';
    const { expires } = expiry(requestDays, scene, fixed?.day ?? dayOf(now));
    const expiring = expires === undefined ? '' : ', expires = :expires';
    const isHeir = '(#state = :duplicate AND attribute_exists(#heir))';
    const fixing =
      fixed && ', #day = if_not_exists(#day, :day), chipsPerPart = if_not_exists(chipsPerPart, :chipsPerPart)';
    const UpdateExpression = `SET run = :run, #bucket = :bucket, #key = :key, versionId = :versionId, #state = :claimed, changed = :changed, claimedAt = :now, execution = :execution, lease = :lease, attempt = if_not_exists(attempt, :zero) + :one, attemptLimit = ${limit}${fixing ?? ''}${expiring} REMOVE ${FOUND.map((name) => `#${name}`).join(', ')}`;
    const ConditionExpression = [isNew, hasFailed, hasExpired, hasComeBack, isHeir].join(' OR ');
    const values = {
      run,
      ...scene,
      claimed: 'CLAIMED',
      prepared: 'PREPARED',
      predicted: 'PREDICTED',
      failed: 'FAILED',
      duplicate: 'DUPLICATE',
      missed: missed?.attempt ?? 0, // no attempt has this number
      changed: toChanged(now, run),
      now: now.toISOString(),
      execution,
      lease: leaseEnd(now, leaseSeconds),
      zero: 0,
      one: 1,
      attemptLimit: (missed?.attempt ?? 0) + attemptLimit,
      ...fixed,
      expires,
    };
    const claimed = await rowAfter(table, TableName, request, { UpdateExpression, ConditionExpression }, values);
    if (claimed !== undefined) return { held: true, row: claimed };
    const row = await get(scene, model);
    if (row === undefined) throw new ClaimLost(`The run ${run} vanished from the ledger while it was being claimed.`);
    // When Step Functions retries a step, the same execution already holds the claim.
    if (row.execution === execution && isRunning(row.state)) {
      const holder = { scene, model, execution, attempt: row.attempt };
      return { held: true, row: await write(holder, RUNNING, { lease: leaseEnd(now, leaseSeconds) }) };
    }
    if (missed === undefined && fixed !== undefined && hasMissedItsFile(row)) return claim(request, row);
    return { held: false, row };
  }

  /** Updates a held run in a state of `from`, changed as `seen` and owned as `named` if given. Throws `ClaimLost` otherwise. */
  async function write(
    holder: Holder,
    from: readonly State[],
    attributes: Record<string, unknown>,
    { seen, named, isEnder = false }: { seen?: string | undefined; named?: string; isEnder?: boolean } = {},
  ): Promise<LedgerRow> {
    const isOurs = 'attempt = :ourAttempt AND execution = :ourExecution';
    const isThere = `#state IN (${from.map((_, i) => `:from${i}`).join(', ')})`;
    const conditions = [
      isOurs,
      isThere,
      seen !== undefined && 'changed = :seen',
      named !== undefined && 'duplicateOf = :named',
      !isEnder && 'attribute_not_exists(ending)',
      attributes['state'] === 'DUPLICATE' && 'attribute_not_exists(heir)',
    ];
    const ConditionExpression = conditions.filter((one) => one !== false).join(' AND ');
    const states = Object.fromEntries(from.map((state, i) => [`from${i}`, state]));
    const ours = { ourAttempt: holder.attempt, ourExecution: holder.execution };
    const expressions = { UpdateExpression: changes(attributes), ConditionExpression };
    const values = { ...attributes, ...ours, seen, named, ...states };
    const row = await rowAfter(table, TableName, holder, expressions, values);
    if (row !== undefined) return row;
    const run = runId(holder.scene, holder.model);
    throw new ClaimLost(`Attempt ${holder.attempt} no longer holds the run ${run}; another execution has it.`);
  }

  /**
   * A move may be repeated, but not undone. A run that may take over its content does not become a `DUPLICATE`.
   * @param seen when the run entered its current state; it differs if a step was repeated meanwhile
   */
  const advance: Ledger['advance'] = (holder, state, now, attributes = {}, seen) => {
    const run = runId(holder.scene, holder.model);
    const settled = isRunning(state) ? {} : { lease: undefined };
    const duplicate = state === 'PREPARED' ? NO_DUPLICATE : {};
    const all = { state, changed: toChanged(now, run), ...settled, ...duplicate, ...attributes };
    return write(holder, MOVES[state], all, { seen: seen && toChanged(seen.changed, run) });
  };

  const renew = (holder: Holder, now: Date, leaseSeconds: number) =>
    write(holder, RUNNING, { lease: leaseEnd(now, leaseSeconds) });

  const beginToFail = (row: LedgerRow) => write(row, RUNNING, { ending: true }, { isEnder: true });

  /** Ends a held run as `FAILED` or `INVALID`. The errors of its earlier attempts are kept. */
  function fail(row: LedgerRow, state: 'FAILED' | 'INVALID', failure: Failure, now: Date) {
    const { error, failures } = failed(row, failure, now);
    const attemptLimit = limitAfter(row, error);
    const waits = state === 'FAILED' ? toBeTried({ ...row, attemptLimit }) : {};
    const total = Math.max(0, now.getTime() - Date.parse(row.claimedAt)); // the clock may have been set back
    const story = { error, failures, attemptLimit, ...waits, milliseconds: { ...row.milliseconds, total } };
    const end = { state, changed: toChanged(now, row.run), lease: undefined, ending: undefined, ...NO_DUPLICATE };
    return write(row, MOVES[state], { ...end, ...story }, { isEnder: true });
  }

  /** Grants a failed run one more attempt, or `more`. Throws `ClaimLost` when the run is no longer `FAILED`. */
  function grantAttempt(row: LedgerRow, now: Date, more = 1) {
    const attemptLimit = Math.max(row.attemptLimit, row.attempt + more);
    const waits = toBeTried({ ...row, attemptLimit });
    return write(row, ['FAILED'], { attemptLimit, ...waits, changed: toChanged(now, row.run) }); // so that a sweep sees it anew
  }

  /** Writes into the row of a held run which run owns its content: it is about to become a duplicate of that. */
  function nameOwner({ scene, model, execution, attempt }: RunRef, owner: string, term: number) {
    const ownerTerm = term > 1 ? term : undefined;
    return write({ scene, model, execution, attempt }, ['CLAIMED'], { duplicateOf: owner, ownerTerm, heir: undefined });
  }

  /**
   * Lets a duplicate be claimed again, because its owner has failed; or lets a run that is about to become one claim
   * the content. An attempt that ended as a duplicate costs none: it has not failed. Throws `ClaimLost` when it is
   * neither any longer, or names another owner by now.
   */
  function letTakeOver(row: LedgerRow): Promise<LedgerRow> {
    const isNews = row.state === 'DUPLICATE' && row.heir === undefined;
    const attributes = { heir: true, ...(isNews && { attemptLimit: row.attemptLimit + 1 }) };
    return write(row, ['CLAIMED', 'DUPLICATE'], attributes, row.duplicateOf ? { named: row.duplicateOf } : {});
  }

  return { get, claim, advance, renew, beginToFail, fail, grantAttempt, nameOwner, letTakeOver };
}

/** Updates a run's row. Returns the new row; undefined if the condition was not met. */
async function rowAfter(
  table: TableWith<'update'>,
  TableName: string,
  { scene, model }: Pick<LedgerRow, 'scene' | 'model'>,
  expressions: { UpdateExpression: string; ConditionExpression: string },
  values: Item,
): Promise<LedgerRow | undefined> {
  const request = { TableName, Key: keyOfRun(scene, model), ...expressed(expressions, values) };
  const answer = await unlessRefused(table.update({ ...request, ReturnValues: 'ALL_NEW' }));
  return answer && toRow(answer.Attributes);
}

export const makeForget = (table: TableWith<'delete'>, TableName: string) => ({
  async forget(row: LedgerRow): Promise<void> {
    await table.delete({ TableName, Key: keyOfRun(row.scene, row.model) });
  },
});

/** What a run's row holds of a content that is another run's, and no longer does. */
const NO_DUPLICATE = { duplicateOf: undefined, ownerTerm: undefined, heir: undefined };

/** A row is limited to 400 KB, and every index entry costs: only the last failures are kept, each shortened. */
const FAILURES_KEPT = 10;
const FORMER_MESSAGE_LETTERS = 1000;

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

/** An interruption costs no attempt; a version that is gone will not come back. */
export function limitAfter(
  { attempt, attemptLimit }: Pick<LedgerRow, 'attempt' | 'attemptLimit'>,
  { name }: Pick<RunError, 'name'>,
): number {
  if (name === 'Interrupted') return attemptLimit + 1;
  return name === 'SceneFileChanged' ? attempt : attemptLimit;
}

export const makeAnnounceRun = (table: TableWith<'put'>, TableName: string, requestDays = Infinity) => ({
  /** If the execution dies before it writes, the sweep still finds the run. An existing row is left unchanged. */
  async announceRun(request: Required<ClaimRequest>): Promise<void> {
    const { scene, model, execution, now, leaseSeconds, attemptLimit, fixed } = request;
    const run = runId(scene, model);
    const lease = leaseEnd(now, leaseSeconds);
    const claimed = { state: 'CLAIMED', changed: toChanged(now, run), claimedAt: now.toISOString(), execution, lease };
    const expires = expiry(requestDays, scene, fixed.day);
    const attempts = { attempt: 1, attemptLimit };
    const Item = { ...scene, ...keyOfRun(scene, model), run, ...claimed, ...attempts, ...fixed, ...expires };
    await isWritten(table.put({ TableName, Item, ...IS_NEW }));
  },
});

const REMOVED = Object.fromEntries([...FOUND, 'lease'].map((name) => [name, undefined]));

export const makeWithdraw = (table: TableWith<'update'>, TableName: string) => ({
  /**
   * Ends a run, in whatever state it was seen, as a `DUPLICATE` of the longer file's run `by`. This is a new attempt, so
   * a worker on the run loses its claim, and the run no longer counts for any day. The batch that had processed it is
   * kept, so that its predictions can be removed.
   * @throws {ClaimLost} when the run has changed since it was seen
   */
  async withdraw(seen: LedgerRow, by: string, now: Date): Promise<LedgerRow> {
    const isAsSeen = 'attempt = :seenAttempt AND execution = :seenExecution AND #state = :seenState';
    const { run, attempt, size, digest, batch, milliseconds } = seen;
    const moved = { state: 'DUPLICATE', changed: toChanged(now, run), attempt: attempt + 1, duplicateOf: by };
    const attributes = { ...REMOVED, ...moved, size, digest, batch, milliseconds };
    const expressions = { UpdateExpression: changes(attributes), ConditionExpression: isAsSeen };
    const asSeen = { seenAttempt: seen.attempt, seenExecution: seen.execution, seenState: seen.state };
    const row = await rowAfter(table, TableName, seen, expressions, { ...attributes, ...asSeen });
    if (row !== undefined) return row;
    throw new ClaimLost(`The run ${seen.run} is no longer ${seen.state} by attempt ${seen.attempt}.`);
  },
});

export const makeTellTruth = (table: TableWith<'update'>, TableName: string) => ({
  async tellTruth(seen: LedgerRow, { summary }: StoredSummary, told: string): Promise<boolean> {
    const isAsSeen = seen.told === undefined ? 'attribute_not_exists(told)' : 'told = :seen';
    const UpdateExpression = 'SET summary = :summary, told = :told';
    const ConditionExpression = `#state = :done AND attempt = :attempt AND ${isAsSeen}`;
    const values = { done: 'DONE', attempt: seen.attempt, summary, told, seen: seen.told };
    const request = expressed({ UpdateExpression, ConditionExpression }, values);
    return isWritten(table.update({ TableName, Key: keyOfRun(seen.scene, seen.model), ...request }));
  },
});

/** For a write whose claim may be lost by then, which is no trouble. */
export const falseIfLost = onError(ClaimLost, () => false as const);
