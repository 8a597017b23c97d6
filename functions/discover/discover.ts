import type { Publish } from '../../observability/metrics.ts';
import type { Executions } from '../shared/executions.ts';
import { isCanary } from '../shared/keys.ts';
import type { Cursor, Ledger } from '../shared/ledger.ts';
import { hasFailedForGood, type LedgerRow, RUNNING } from '../shared/ledgerRow.ts';
import {
  type DiscoverInput,
  type DiscoverResult,
  discoverInputSchema,
  type ModelRef,
  type SceneRef,
} from '../shared/messages.ts';
import { type Models, noneIfInvalid } from '../shared/models.ts';
import type { ListScenes } from '../shared/objectStore.ts';
import { makePassOn, type PassOnPorts } from '../shared/passOn.ts';
import { isUnassigned } from '../shared/run.ts';
import { type Found, makeStart, none, noneIfTaken } from '../shared/startAttempt.ts';
import { makeStep, stopIfAsked, type Work } from '../shared/step.ts';
import { countTroubles } from '../shared/troubles.ts';
import { measureArrivals } from './arrivals.ts';

export type DiscoverPorts = {
  ledger: PassOnPorts['ledger'] &
    Pick<Ledger, 'byRun' | 'byState' | 'countByState' | 'forget' | 'sweptUntil' | 'raiseWatermark'>;
  executions: Executions;
  listScenes: ListScenes;
  models: Pick<Models, 'promotedOrNone'>;
  publish: Publish;
  now: () => Date;
  attemptLimit: number;
  /** So far before the last sweep's beginning this one looks; by then, all that was in the making then has come to light. */
  sweepLookBackDays: number;
  /** Where in the bucket the inbox begins. */
  inboxPrefix: string;
  /** Files that arrived before (ISO) are left for `swath backfill`: the bucket was there before it became the inbox. */
  inboxSince?: string | undefined;
};

/** The function discover: a raw message in, an answer out. */
export const discoverStep = (ports: DiscoverPorts) => makeStep('discover', discoverInputSchema, makeDiscover(ports));

/** Rows looked at in one call, and so between two cursors; of objects, not much more than a listing's page has. */
const PAGE = 500;
/** A call ends before its time does: the next one goes on from its cursor. */
const NEEDED_SECONDS = 60;
/** Duplicates of one failed run that a sweep tries; if none of them can take its place, the next one tries as many more. */
const MOST_HEIRS = 100;
/** Ledger look-ups under way at once. */
const AT_ONCE = 20;

const DAY_MILLISECONDS = 86_400_000;

const PHASES = [...RUNNING, 'FAILED', 'DUPLICATE', 'inbox'] as const;
type Place = { phase: (typeof PHASES)[number]; cursor: Cursor | string | null };
/** What a sweep's next page has to know: where it begins, how far back it looks, and what the pages before it have found. */
type Progress = Place & {
  /** What is older (ISO) was settled by a sweep before; null where this one looks at everything. */
  since?: string | null;
  /** When the sweep began; null where something has to wait for a model, so that the next one must look as far back. */
  began?: string | null;
  total?: Found;
};

/**
 * The sweep, one page a call: first the claims whose lease is over, then the runs that failed, with attempts left or with
 * duplicates that wait, then the files of the inbox that no run knows. It starts them and does not wait. Up to when all
 * was swept is kept; the next sweep begins a look-back before, as S3 dates an upload in parts from its first part.
 * A full one looks at everything, also at duplicates whose owner has failed unnoticed.
 */
export function makeDiscover(ports: DiscoverPorts): Work<DiscoverInput, DiscoverResult> {
  const { ledger, executions, listScenes } = ports;
  const { start, settle } = makeStart(ports);
  const { passOn, inherit } = makePassOn(ports);

  return async ({ cursor, input }, invocation, log) => {
    stopIfAsked(invocation);
    const progress: Progress = cursor === null ? await begin(input.isFull) : JSON.parse(cursor);
    const { total: before = none, since = null, began = null, ...place } = progress;
    const promoted = await ports.models.promotedOrNone().catch(noneIfInvalid);
    const hasTime = () => invocation.remainingSeconds() > NEEDED_SECONDS;
    const { found, next } = await sweepPage(place, since, promoted, hasTime);
    Object.assign(log, { phase: place.phase, since, ...found });
    if (found.settled > 0) await ports.publish([await countTroubles(ports, 'FAILED', 1)]);
    const total = { started: before.started + found.started, settled: before.settled + found.settled };
    const isWaiting = promoted === null;
    if (next !== null)
      return { cursor: JSON.stringify({ ...next, since, began: isWaiting ? null : began, total }), ...total };
    await tellOfArrivals();
    if (began !== null && !isWaiting) await ledger.raiseWatermark(new Date(began));
    return { cursor: null, ...total };
  };

  async function begin(isFull: boolean): Promise<Progress> {
    const began = ports.now().toISOString();
    const until = isFull ? null : await ledger.sweptUntil();
    const since = until && new Date(until.getTime() - ports.sweepLookBackDays * DAY_MILLISECONDS).toISOString();
    return { phase: PHASES[0], cursor: null, since, began };
  }

  async function tellOfArrivals(): Promise<void> {
    const arrivals = await measureArrivals(ledger, ports.now());
    const troubles = [await countTroubles(ports, 'FAILED', 0), await countTroubles(ports, 'INVALID', 0)];
    await ports.publish([...arrivals, ...troubles]); // a nought shows that somebody looked
  }

  function sweepPage(
    { phase, cursor }: Place,
    since: string | null,
    promoted: ModelRef | null,
    hasTime: () => boolean,
  ) {
    if (phase === 'inbox') return sweepInbox(cursor as string | null, since, promoted, hasTime);
    if (phase === 'FAILED') return sweepState(phase, cursor, since, (row) => retry(row, promoted));
    if (phase === 'DUPLICATE') return sweepState(phase, cursor, since, checkOwner);
    return sweepState(phase, cursor, null, reclaim); // all that is running is looked at, however old
  }

  async function sweepState(
    phase: Exclude<Place['phase'], 'inbox'>,
    cursor: Place['cursor'],
    since: string | null,
    look: (row: LedgerRow) => Promise<Found>,
  ): Promise<Page> {
    const page = await ledger.byState(phase, {
      limit: PAGE,
      oldestFirst: true,
      ...(since !== null && { since: new Date(since) }),
      ...(cursor && { cursor: cursor as Cursor }),
    });
    const found = await countEach(page.rows, look);
    return { found, next: page.cursor ? { phase, cursor: page.cursor } : after(phase, since) };
  }

  /** S3 lists by key alone, so every key is listed; but only what is new is asked for in the ledger. */
  async function sweepInbox(
    from: string | null,
    since: string | null,
    promoted: ModelRef | null,
    hasTime: () => boolean,
  ): Promise<Page> {
    if (promoted === null) return { found: none, next: null };
    const found = { ...none };
    let looked = 0;
    let cursor = from;
    do {
      const page = await listScenes(cursor);
      const scenes = page.scenes.filter(
        ({ key, lastModified }) =>
          !isCanary(key, ports.inboxPrefix) &&
          isFrom(ports.inboxSince, lastModified ?? '') &&
          isFrom(since, lastModified),
      );
      add(found, await countEach(scenes, (scene) => discover(scene, promoted)));
      looked += scenes.length;
      cursor = page.cursor;
    } while (cursor !== null && looked < PAGE && hasTime());
    return { found, next: cursor === null ? null : { phase: 'inbox', cursor } };
  }

  /** A file that never got an event, or whose event got lost, is in the ledger under no model version. */
  async function discover(scene: SceneRef, model: ModelRef): Promise<Found> {
    const rows = await ledger.ofScene(scene);
    return rows.length === 0 ? start(scene, model, 1) : none;
  }

  async function retry(row: LedgerRow, promoted: ModelRef | null): Promise<Found> {
    if (isUnassigned(row.model)) {
      // It failed for want of a promoted model. Once there is one, this row gives way to the run's own.
      if (promoted === null) return none;
      const started = await start(row.scene, promoted, 1);
      await ledger.forget(row);
      return started;
    }
    return hasFailedForGood(row) ? passOn(row, MOST_HEIRS) : start(row.scene, row.model, row.attempt + 1);
  }

  async function checkOwner(row: LedgerRow): Promise<Found> {
    const owner = row.duplicateOf === undefined ? undefined : await ledger.byRun(row.duplicateOf);
    return owner !== undefined && hasFailedForGood(owner) ? inherit(row) : none;
  }

  /** A claim whose lease is over belongs to nobody, unless its execution is still on its way. */
  async function reclaim(row: LedgerRow): Promise<Found> {
    const isStale = row.lease !== undefined && row.lease < ports.now().toISOString();
    if (!isStale || (await executions.describe(row.execution)).status === 'RUNNING') return none;
    await settle(row, row.execution);
    if (row.attempt >= row.attemptLimit) return { started: 0, settled: 1 };
    const { started, settled } = await start(row.scene, row.model, row.attempt + 1);
    return { started, settled: settled + 1 };
  }
}

/** What a page has found, and where the next one begins. */
type Page = { found: Found; next: Place | null };

/** A duplicate is looked at by way of its owner, but where everything is looked at. */
function after(phase: Place['phase'], since: string | null): Place {
  const next = PHASES[PHASES.indexOf(phase) + 1] ?? 'inbox';
  return { phase: next === 'DUPLICATE' && since !== null ? 'inbox' : next, cursor: null };
}

/** Whether something is not from before a time; where either is unknown, it counts. */
function isFrom(since: string | null | undefined, time: string | undefined): boolean {
  return since === null || since === undefined || time === undefined || time >= since;
}

async function countEach<Item>(items: Item[], look: (item: Item) => Promise<Found>): Promise<Found> {
  const total = { ...none };
  for (let first = 0; first < items.length; first += AT_ONCE) {
    const looked = items.slice(first, first + AT_ONCE).map((item) => look(item).catch(noneIfTaken));
    for (const found of await Promise.all(looked)) add(total, found);
  }
  return total;
}

function add(total: Found, { started, settled }: Found): void {
  total.started += started;
  total.settled += settled;
}
