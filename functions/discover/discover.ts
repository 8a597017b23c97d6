import { added } from '../../core/base/added.ts';
import { inOrder, slices } from '../../core/base/concurrency/inOrder.ts';
import { isBulk, isCanary, isSceneFile, markedFolder } from '../../core/base/keys.ts';
import type { BatchRef, DiscoverInput, DiscoverResult } from '../../core/base/messages.ts';
import { discoverInputSchema, isUnassigned } from '../../core/base/messages.ts';
import type { ListedScene } from '../../core/base/objectStore.ts';
import { makeStep, stopIfAsked, type Work } from '../../core/base/step.ts';
import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import { addResults, leftOut } from '../../core/batches/batchResult.ts';
import { MAX_KEYS } from '../../core/ledger/bulkRows.ts';
import type { Cursor, Ledger } from '../../core/ledger/contract.ts';
import type { Watermark } from '../../core/ledger/dueDays.ts';
import { isLeaseOver } from '../../core/ledger/lease.ts';
import { hasFailedForGood, type LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { countRecentFailures } from '../../core/ledger/recentFailures.ts';
import type { Found, WaitingDuplicatesPorts } from '../../core/ledger/startAttempt.ts';
import { lossOf, makeStart, makeStartWaitingDuplicates, none, noneIfTaken } from '../../core/ledger/startAttempt.ts';
import { RUNNING, STATES } from '../../core/ledger/states.ts';
import type { Publish } from '../../core/metrics/metrics.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import type { Models } from '../../core/releases/contract.ts';
import { lackingOf, type Serving, takersOf } from '../../core/releases/serving.ts';
import type { FailRunPorts, RemoveLeftPredictionsPorts } from '../../core/results/failRun.ts';
import { failRun, removeLeftPredictions } from '../../core/results/failRun.ts';
import { measureArrivals } from './arrivals.ts';
import type { BulkPorts, Sweep } from './bulkFiles.ts';
import { HUNDREDS_AT_ONCE, isForBatches, isSince, isWhole, LOST_AT_ONCE, makeBulkFiles, takenId } from './bulkFiles.ts';

export type DiscoverPorts = BulkPorts &
  FailRunPorts &
  WaitingDuplicatesPorts &
  RemoveLeftPredictionsPorts & {
    ledger: Pick<Ledger, 'byRun' | 'byState' | 'countByState' | 'forget'> & Watermark;
    models: Pick<Models, 'serving'>;
    publish: Publish;
    /** Files that arrived before this (ISO time) are left for `swath backfill`: the bucket existed before it became the inbox. */
    inboxSince?: string | undefined;
  } & Pick<Settings, 'sweepLookBackDays' | 'inboxPrefix'>;

export const discoverStep = (ports: DiscoverPorts) => makeStep('discover', discoverInputSchema, makeDiscover(ports));

/** Rows read in one call, between two cursors; for objects, little more than a page of a listing. */
const PAGE = 500;
/** A call ends before its time-out: the next one continues from its cursor. */
const NEEDED_SECONDS = 60;
/** How many duplicates of a failed run a sweep tries; if none can take its place, the next sweep tries as many more. */
const MOST_WAITING_DUPLICATES = 100;

/** How far a sweep looks back for files uploaded by one request; for multipart uploads it is `sweepLookBackDays`. */
const LOOK_BACK_DAYS_OF_WHOLE = 1;
const LAST = '~';

/** End states that count nothing. Runs that failed for good are checked with the failures. */
const UNCOUNTED = { 'uncounted duplicates': 'DUPLICATE', 'uncounted invalid': 'INVALID' } as const;
const PHASES = [
  ...[...RUNNING, 'FAILED', 'DUPLICATE', 'inbox', 'lost batches', 'bulk', 'failed bulk'],
  ...(Object.keys(UNCOUNTED) as (keyof typeof UNCOUNTED)[]),
  'end',
] as const;
type Phase = (typeof PHASES)[number];
type Place = { phase: Phase; cursor: Cursor | string | null };
/** The state passed to a sweep's next page: its cursor, how far back to look, and what earlier pages have found. */
type Progress = Place & {
  /** Older files (ISO time) were settled by an earlier sweep; null if this one checks everything. */
  since?: string | null;
  /** When the sweep began; null if something waits for a model or was left, so that the next sweep must look as far back. */
  began?: string | null;
  at?: string;
  /** The latest watermark (ISO time) that still makes the next sweep check the files that had no run. */
  until?: string;
  total?: Found;
  bulk?: Bulk;
};
type Bulk = DiscoverResult['bulk'];
const noBulk: Bulk = { ...leftOut(0), batches: 0 };

/**
 * Runs the sweep, one page a call, in phases: claims whose lease has expired; failed runs with attempts left or with waiting
 * duplicates; files of the inbox that have no run, or that their runs have missed. It starts them and does not wait. Last, it
 * removes predictions of runs that count nothing. It stores a watermark up to which all was swept; the next sweep begins a
 * look-back before it, because S3 dates a multipart upload by its start. An execution may die before it records anything in the
 * ledger, so after a sweep that found a file without a run, the next one checks that file again, however old. A full sweep
 * checks everything, including duplicates whose owner has failed unnoticed.
 */
export function makeDiscover(ports: DiscoverPorts): Work<DiscoverInput, DiscoverResult> {
  const { ledger, executions, listScenes } = ports;
  const { start, comeBack } = makeStart(ports);
  const { startWaitingDuplicates, startDuplicate } = makeStartWaitingDuplicates(ports);
  const bulkFiles = makeBulkFiles(ports, start, startWaitingDuplicates, comeBack);

  return async ({ cursor, batches: done, execution, input }, invocation, log) => {
    stopIfAsked(invocation);
    const folder = input.marker === null ? null : markedFolder(input.marker, ports.bulkPrefix);
    const progress: Progress = cursor === null ? await begin(input.isFull, folder) : JSON.parse(cursor);
    const { total: before = none, bulk: bulkBefore = noBulk, since = null, began = null, ...place } = progress;
    const at = progress.at ?? ports.now().toISOString();
    const serving = await ports.models.serving();
    const hasTime = () => invocation.remainingSeconds() > NEEDED_SECONDS;
    let until = progress.until ?? at;
    /** The date of a file uploaded by one request is its arrival: the look-back only allows for slow clocks, and a day is plenty. */
    const longer = Math.max(0, ports.sweepLookBackDays - LOOK_BACK_DAYS_OF_WHOLE) * DAY_MILLISECONDS;
    const sinceOfWhole = since && new Date(Date.parse(since) + longer).toISOString();
    const sweep: Sweep = {
      ...{ since, sinceOfWhole, began: at, execution, isFull: input.isFull, folder, hasTime },
      onUnknown: (scene) => {
        const seen = seenUntil(scene);
        if (seen < until) until = seen;
      },
    };
    const { found, batches = [], next } = await sweepOn(place, sweep, serving);
    Object.assign(log, { phase: place.phase, since, folder, ...found, batches: batches.length });
    if (found.settled > 0) await ports.publish([await countRecentFailures(ports, 'FAILED', 1)]);
    const total = added(before, found);
    const bulk = { ...addResults([bulkBefore, ...done]), batches: bulkBefore.batches + done.length };
    const answer = { ...total, batches, bulk, ...toldOf(bulk), folder };
    const isWaiting = serving.waiting.length > 0 || bulk.unsettled > 0;
    const left = next && { ...next, since, began: isWaiting ? null : began, at, until, total, bulk };
    if (left !== null) return { ...answer, cursor: JSON.stringify(left satisfies Progress) };
    const arrivals = await measureArrivals(ledger, ports.now());
    const failures = [await countRecentFailures(ports, 'FAILED', 0), await countRecentFailures(ports, 'INVALID', 0)];
    await ports.publish([...arrivals, ...failures]); // a zero shows that the sweep looked
    const isPast = began !== null && Date.parse(began) <= ports.now().getTime(); // unless the clock was set back meanwhile
    if (folder === null && until < at) await ledger.lowerWatermark(new Date(until));
    if (isPast && !isWaiting) await ledger.raiseWatermark(new Date(until));
    return { ...answer, cursor: null };
  };

  async function begin(isFull: boolean, folder: string | null): Promise<Progress> {
    const now = ports.now();
    const began = now.toISOString();
    if (folder !== null) return { phase: 'bulk', cursor: null, since: null, began: null, at: began };
    const swept = await ledger.sweptUntil(now); // also in a full sweep: this removes a watermark left by a clock that was ahead
    const until = isFull ? null : swept;
    const since = until && new Date(until.getTime() - ports.sweepLookBackDays * DAY_MILLISECONDS).toISOString();
    return { phase: PHASES[0], cursor: null, since, began, at: began };
  }

  /** The latest watermark with which the next sweep still checks a file. */
  function seenUntil({ etag, lastModified }: ListedScene): string {
    if (lastModified === undefined) return LAST; // it is always checked
    const days = isWhole(etag) ? Math.min(LOOK_BACK_DAYS_OF_WHOLE, ports.sweepLookBackDays) : ports.sweepLookBackDays;
    return new Date(Date.parse(lastModified) + days * DAY_MILLISECONDS).toISOString();
  }

  /** Runs a page, and, if it hands nothing on, the pages of bulk files after it, as most sweeps have none. */
  async function sweepOn(place: Place, sweep: Sweep, serving: Serving): Promise<Page> {
    const page = await sweepPage(place, sweep, serving);
    const { found, batches = [], next } = page;
    const goesOn = next !== null && batches.length === 0 && !isState(next.phase) && next.phase !== 'inbox';
    if (!goesOn || !sweep.hasTime()) return page;
    const more = await sweepOn(next, sweep, serving);
    return { ...more, found: added(found, more.found) };
  }

  async function sweepPage({ phase, cursor }: Place, sweep: Sweep, serving: Serving): Promise<Page> {
    if (phase === 'end') return { found: none, next: null };
    const following = PHASES[PHASES.indexOf(phase) + 1] ?? 'end';
    // Duplicates are checked through their owner, except in a full sweep.
    const next: Place = {
      phase: following === 'DUPLICATE' && sweep.since !== null ? 'inbox' : following,
      cursor: null,
    };
    // Without a model, a file waits for the next sweep.
    if ((phase === 'inbox' || phase === 'bulk') && serving.live.length === 0) return { found: none, next };
    const page = await pageOf(phase, cursor, sweep, serving);
    if (page.next) return { ...page, next: { phase, cursor: page.next } };
    return { ...page, next: sweep.folder === null ? next : { phase: 'end', cursor: null } };
  }

  /** Batches that are found are handed on to be classified, and the next page runs afterwards. */
  function pageOf(phase: Phase, cursor: Place['cursor'], sweep: Sweep, serving: Serving): Promise<PageOfPhase> {
    const [ofRows, ofNames] = [cursor as Cursor | null, cursor as string | null];
    if (phase === 'inbox') return sweepInbox(ofNames, sweep, serving);
    if (phase === 'FAILED') return sweepFailed(ofRows, sweep.since, serving);
    if (phase === 'DUPLICATE') return sweepState(phase, ofRows, checkOwner);
    if (isState(phase)) return sweepState(phase, ofRows, reclaim);
    if (isUncounted(phase)) return sweepState(UNCOUNTED[phase], ofRows, removeLeft, sweep.since);
    if (phase === 'lost batches') return bulkFiles.lostBatches(ofNames);
    return phase === 'bulk' ? bulkFiles.listedFiles(ofNames, serving, sweep) : bulkFiles.failedFiles(ofRows, sweep);
  }

  async function sweepState(
    state: LedgerRow['state'],
    cursor: Cursor | null,
    look: (row: LedgerRow) => Promise<Found>,
    since: string | null = null,
  ): Promise<PageOfPhase> {
    const from = { ...(since !== null && { since: new Date(since) }), ...(cursor && { cursor }) };
    const page = await ledger.byState(state, { limit: PAGE, oldestFirst: true, ...from });
    return { found: await countEach(page.rows, look), next: page.cursor };
  }

  /** Failed runs with attempts left, however old; and those that failed for good lately, for their duplicates. */
  async function sweepFailed(cursor: Cursor | null, since: string | null, serving: Serving): Promise<PageOfPhase> {
    const page = await ledger.failures({ since: since === null ? null : new Date(since), limit: PAGE, cursor });
    return { found: await countEach(page.rows, (row) => retry(row, serving)), next: page.cursor };
  }

  /** Removes predictions of runs that count nothing: who wrote or had to remove them may have died. First attempts leave none. */
  async function removeLeft(row: LedgerRow): Promise<Found> {
    if (row.attempt > 1) await removeLeftPredictions(ports, row);
    return none;
  }

  /** S3 lists by key alone, so every key is listed; but only new ones are looked up in the ledger. */
  async function sweepInbox(from: string | null, sweep: Sweep, serving: Serving): Promise<PageOfPhase> {
    const { isFull, hasTime } = sweep;
    const taken = await bulkFiles.takenFiles();
    const wantedOf = (scene: ListedScene) => lackingOf(serving, scene, [], isFull);
    const withoutKnown = (some: readonly ListedScene[]) => bulkFiles.withoutKnown(some, wantedOf);
    let found = none;
    let looked = 0;
    let cursor = from;
    do {
      const page = await listScenes(cursor, { except: ports.bulkPrefix, anew: isFull });
      const scenes = page.scenes.filter(
        (scene) =>
          !isCanary(scene.key, ports.inboxPrefix) &&
          isSceneFile(scene) &&
          !isBulk(scene.key, ports.bulkPrefix) &&
          (scene.lastModified ?? '') >= (ports.inboxSince ?? '') &&
          isSince(scene, sweep),
      );
      for await (const unknown of inOrder(slices(scenes, MAX_KEYS), HUNDREDS_AT_ONCE, withoutKnown))
        found = added(found, await countEach(unknown, (scene) => discover(scene, serving, sweep, taken)));
      looked += scenes.length;
      cursor = page.cursor;
    } while (cursor !== null && looked < PAGE && hasTime());
    return { found, next: cursor };
  }

  /**
   * Handles a listed file. A file whose event was lost has no row by any model, or, if the first step died early, rows by only some
   * of the models that take it. Or the file has come back. Files in an open batch of arrivals are left to that batch.
   */
  async function discover(scene: ListedScene, serving: Serving, sweep: Sweep, taken: ReadonlySet<string>) {
    const rows = await ledger.ofScene(scene);
    let found = await comeBack(rows);
    const lacking = lackingOf(serving, scene, rows, sweep.isFull);
    if (lacking.length > 0) sweep.onUnknown(scene);
    for (const model of lacking)
      if (!taken.has(takenId(scene, model))) found = added(found, await start(scene, model, 1).catch(noneIfTaken));
    return found;
  }

  async function retry(row: LedgerRow, serving: Serving): Promise<Found> {
    if (isUnassigned(row.model)) {
      // It failed because no model takes it. Once one does, the run's own row replaces this one.
      const takers = takersOf(serving, row.scene.key);
      if (takers.length === 0) return none;
      let found = none;
      for (const { model } of takers) found = added(found, await start(row.scene, model, 1));
      await ledger.forget(row);
      return found;
    }
    if (isForBatches(row)) return none; // handled in a later phase
    if (!hasFailedForGood(row)) return start(row.scene, row.model, row.attempt + 1);
    await removeLeftPredictions(ports, row);
    return startWaitingDuplicates(row, MOST_WAITING_DUPLICATES);
  }

  async function checkOwner(row: LedgerRow): Promise<Found> {
    const owner = row.duplicateOf === undefined ? undefined : await ledger.byRun(row.duplicateOf);
    return owner !== undefined && hasFailedForGood(owner) ? startDuplicate(row) : none;
  }

  /** Restarts a claim whose lease has expired, unless its execution is still running. */
  async function reclaim(row: LedgerRow): Promise<Found> {
    const isStale = row.lease !== undefined && isLeaseOver(row.lease, ports.now(), ports.leaseSeconds);
    const ended = isStale ? await executions.describe(row.execution) : undefined;
    if (ended === undefined || ended.status === 'RUNNING') return none;
    const failed = await failRun(ports, row, 'FAILED', lossOf(row, ended), ports.now());
    // It has just failed for good, and the index of states may not show this to later phases.
    if (hasFailedForGood(failed))
      return { ...(await startWaitingDuplicates(failed, MOST_WAITING_DUPLICATES)), settled: 1 };
    return added(await start(row.scene, row.model, row.attempt + 1), { started: 0, settled: 1 });
  }
}

type Page = { found: Found; batches?: BatchRef[]; next: Place | null };
/** `next` is where the phase goes on; without one, it has come to its end. */
type PageOfPhase = Omit<Page, 'next'> & { next: Place['cursor'] | undefined };

const isUncounted = (phase: Phase): phase is keyof typeof UNCOUNTED => Object.hasOwn(UNCOUNTED, phase);

const isState = (phase: Phase): phase is Phase & LedgerRow['state'] => (STATES as readonly string[]).includes(phase);

/** The share of a sweep's bulk files that are invalid or failed, and a sentence on it; a batch that is left counts as one. */
function toldOf({ files, invalid, failed, unsettled }: Bulk): Pick<DiscoverResult, 'bulkFailedShare' | 'bulkCause'> {
  const all = files + unsettled;
  const left = unsettled === 0 ? '' : `, and ${unsettled} batches are left to the next sweep`;
  const bulkCause = `Of ${files} bulk files ${failed} failed and ${invalid} are invalid${left}; npx swath runs --state FAILED, or --state INVALID, says which and why.`;
  return { bulkFailedShare: all === 0 ? 0 : (invalid + failed + unsettled) / all, bulkCause };
}

const countEach = async <Item>(items: Item[], look: (item: Item) => Promise<Found>): Promise<Found> =>
  (await Array.fromAsync(inOrder(items, LOST_AT_ONCE, (item) => look(item).catch(noneIfTaken)))).reduce(added, none);
