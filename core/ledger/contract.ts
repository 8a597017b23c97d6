import type { BatchRef, ModelRef, RunRef, SceneRef } from '../base/messages.ts';
import type { StoredSummary } from '../tasks/registry.ts';
import type { Mark } from './dueDays.ts';
import type { EndedRun } from './ledgerItem.ts';
import type { Holder, LedgerRow, RunError } from './ledgerRow.ts';
import type { BatchHolder, OpenBatch } from './openBatches.ts';
import type { State } from './states.ts';

/**
 * What the ledger promises, whatever keeps it. Its states and the moves between them are in states.ts; what a row holds is in
 * ledgerRow.ts. All writes are conditional: one that comes too late changes nothing, and throws `ClaimLost` unless a method
 * says that it returns false.
 */
export interface Ledger {
  // One run: from its claim to its end.
  get(scene: SceneRef, model: ModelRef): Promise<LedgerRow | undefined>;
  /** Begins an attempt, under a lease. `missed` is the run as it stood when its attempts were used up for want of its file. */
  claim(request: ClaimRequest, missed?: LedgerRow): Promise<Claim>;
  /** Writes the claim of a run without a row for an execution that is about to be started. */
  announceRun(request: Required<ClaimRequest>): Promise<void>;
  /** Moves a held run forward; `seen` is when it entered its current state. */
  advance(
    holder: Holder,
    state: State,
    now: Date,
    attributes?: Record<string, unknown>,
    seen?: Pick<LedgerRow, 'changed'>,
  ): Promise<LedgerRow>;
  renew(holder: Holder, now: Date, leaseSeconds: number): Promise<LedgerRow>;
  /** From here on no worker can advance the run, so what is removed before it fails stays removed. */
  beginToFail(row: LedgerRow): Promise<LedgerRow>;
  fail(row: LedgerRow, state: 'FAILED' | 'INVALID', failure: Failure, now: Date): Promise<LedgerRow>;
  grantAttempt(row: LedgerRow, now: Date, more?: number): Promise<LedgerRow>;
  /** Ends a run in whatever state it was seen, because the file has grown since, and the run `by` counts it. */
  withdraw(seen: LedgerRow, by: string, now: Date): Promise<LedgerRow>;
  /** Counts late truths; `told` is the version of the object that holds them. False if others have been counted since. */
  tellTruth(seen: LedgerRow, summary: StoredSummary, told: string): Promise<boolean>;
  /** Removes the row of a file that had no model version, once its real run has been started. */
  forget(row: LedgerRow): Promise<void>;

  // Which run owns a content, and which runs wait in case it fails.
  /** Returns the id of the run that owns the content of `run`: its own if it is the first. */
  claimContent(run: RunRef): Promise<string>;
  /** The same for a run of a batch; null if the owner is another batch that is still open. */
  claimDigest(run: RunRef, batch: string): Promise<string | null>;
  nameOwner(run: RunRef, owner: string, term: number): Promise<LedgerRow>;
  letTakeOver(row: LedgerRow): Promise<LedgerRow>;
  addWaitingDuplicate(owner: string, waiting: Waiting): Promise<void>;
  waitingDuplicatesOf(owner: string): AsyncGenerator<SceneRef>;
  /** Makes duplicates name the owners that their contents have now. */
  nameOwners(rows: readonly DuplicateRow[]): Promise<void>;

  // Which run counts a message of predictions that were answered over HTTP.
  /** Returns those that the run counts. */
  claimMessages(ids: readonly string[], run: string, day: string): Promise<Set<string>>;
  messageOwner(id: string): Promise<string | undefined>;

  // Batches of small files, each open until all of its files have ended.
  findBatch(id: string): Promise<OpenBatch | undefined>;
  isOpen(id: string): Promise<boolean>;
  openBatches(): Promise<OpenBatch[]>;
  announceBatch(batch: BatchRef, execution: string, now: Date, leaseSeconds: number): Promise<void>;
  /** Undefined if another execution holds it. */
  openBatch(
    batch: BatchRef,
    execution: string,
    clock: () => Date,
    leaseSeconds: number,
    hasJob?: boolean,
  ): Promise<OpenBatch | undefined>;
  renewBatch(holder: BatchHolder, now: Date, leaseSeconds: number): Promise<void>;
  releaseBatch(opened: OpenBatch, now: Date): Promise<void>;
  loseBatch(holder: BatchHolder, now: Date): Promise<void>;
  noteProgress(holder: BatchHolder, executions: number): Promise<void>;
  closeBatch(holder: BatchHolder): Promise<void>;

  // Rows of runs without an execution of their own.
  rowsOf(scenes: readonly SceneRef[], model: ModelRef, isNow?: boolean): Promise<Map<string, LedgerRow>>;
  rowsAt(keys: Record<string, unknown>[]): Promise<LedgerRow[]>;
  knownOf(scenes: readonly SceneRef[], model: ModelRef): Promise<Set<string>>;
  /** Writes the row of a run in its end state, in place of the one that was `seen`; false if that has changed. */
  end(row: LedgerRow & { batch: string }, seen: LedgerRow | undefined): Promise<boolean>;

  // What can be asked without knowing a scene. A page's `cursor` is undefined after the last.
  ofScene(scene: SceneRef): Promise<LedgerRow[]>;
  byRun(run: string): Promise<LedgerRow | undefined>;
  byState(state: State, options?: ByState): Promise<RowPage>;
  countByState(state: State, range: { from: Date; to: Date; atMost?: number }): Promise<number>;
  /** All that failed since a time, and of the earlier ones those with attempts left; the oldest first. */
  failures(options: { since: Date | null; limit: number; cursor: Cursor | null }): Promise<RowPage>;
  /** The runs that count for a UTC day, in the order in which they ended. */
  ofDay(day: string, options?: OfDay): AsyncGenerator<EndedRun>;
  rowsOfDay(day: string): AsyncGenerator<LedgerRow>;

  // Runs of shadows, which are counted nowhere.
  endShadow(row: LedgerRow): Promise<void>;
  shadowsOf(scene: SceneRef): Promise<LedgerRow[]>;
  shadowByRun(run: string): Promise<LedgerRow | undefined>;

  // What the sweep has done and has to do.
  /** When the last completed sweep began; null if none has, or if the clock was ahead when one did. */
  sweptUntil(now: Date): Promise<Date | null>;
  raiseWatermark(time: Date): Promise<void>;
  lowerWatermark(time: Date): Promise<void>;
  /** Has a closed day judged again. Written before the run counts, so that a counted run leads to a new revision of its day. */
  markDue(mark: Mark): Promise<void>;
  /** The marked days before a day, latest first. */
  dueDays(before: string): Promise<string[]>;
  marksSince(day: string, since: Date): Promise<Mark[]>;
  marksBefore(day: string, before: Date): Promise<string[]>;
  clearMarks(keys: readonly string[], hasTime: () => boolean): Promise<void>;
  /** Has the next report show a day. Written before a revision of the day. */
  markRevised(day: string, at: Date): Promise<void>;
  /** The marks of days to be reported, each of which begins with its day. */
  revised(): Promise<string[]>;
  clearRevised(mark: string): Promise<void>;
  judgedUntil(): Promise<string | null>;
  setJudgedUntil(day: string): Promise<void>;
}

export type ClaimRequest = {
  scene: SceneRef;
  model: ModelRef;
  execution: string;
  now: Date;
  leaseSeconds: number;
  attemptLimit: number;
  /** Fixed by the first claim, so that a retry writes the same keys; absent until the file has been opened. */
  fixed?: { day: string; chipsPerPart: number };
};

/** `held` says whether the caller now holds the run; `row` is the run's current row, whoever holds it. */
export type Claim = { held: boolean; row: LedgerRow };

/** What is known where a failure is caught; the row supplies the rest. */
export type Failure = Pick<RunError, 'name' | 'message' | 'step'>;

export type Cursor = Record<string, unknown>;
export type RowPage = { rows: LedgerRow[]; cursor: Cursor | undefined };
export type ByState = {
  since?: Date;
  until?: Date;
  limit?: number;
  cursor?: Cursor;
  oldestFirst?: boolean;
  ofShadows?: boolean;
};

/** With `cutOff`, only runs that had ended by that time. */
export type OfDay = { newestFirst?: boolean; pageSize?: number; cutOff?: string };

/** A run that waits in case the owner of its content fails. */
export type Waiting = Pick<RunRef, 'id' | 'scene'> & { day?: string | undefined };

/** A duplicate as its row is: the owner that it names, and the content that is that owner's. */
export type DuplicateRow = Pick<
  LedgerRow,
  'run' | 'scene' | 'model' | 'attempt' | 'day' | 'duplicateOf' | 'ownerTerm'
> & { digest: string };
