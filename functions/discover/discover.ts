import type { Publish } from '../../observability/metrics.ts';
import type { Executions } from '../shared/executions.ts';
import { isCanary } from '../shared/keys.ts';
import type { Cursor, Ledger } from '../shared/ledger.ts';
import { type LedgerRow, RUNNING } from '../shared/ledgerRow.ts';
import {
  type DiscoverInput,
  type DiscoverResult,
  discoverInputSchema,
  type ModelRef,
  type SceneRef,
} from '../shared/messages.ts';
import { type Models, noneIfInvalid } from '../shared/models.ts';
import type { ListScenes } from '../shared/objectStore.ts';
import { isUnassigned } from '../shared/run.ts';
import { makeStep, stopIfAsked, type Work } from '../shared/step.ts';
import { countTroubles } from '../shared/troubles.ts';
import { measureArrivals } from './arrivals.ts';
import { type Found, makeStart, none, noneIfTaken } from './startAttempt.ts';

export type DiscoverPorts = {
  ledger: Pick<Ledger, 'ofScene' | 'byState' | 'countByState' | 'claim' | 'fail' | 'forget'>;
  executions: Executions;
  listScenes: ListScenes;
  models: Pick<Models, 'promotedOrNone'>;
  publish: Publish;
  now: () => Date;
  attemptLimit: number;
  /** Where in the bucket the inbox begins. */
  inboxPrefix: string;
  /** Files that arrived before (ISO) are left for `swath backfill`: the bucket was there before it became the inbox. */
  inboxSince?: string | undefined;
};

/** The function discover: a raw message in, an answer out. */
export const discoverStep = (ports: DiscoverPorts) => makeStep('discover', discoverInputSchema, makeDiscover(ports));

/** Rows looked at in one call, and so between two cursors; of objects, as many as a listing's page has. */
const PAGE = 500;
/** Ledger look-ups under way at once. */
const AT_ONCE = 20;

const PHASES = ['FAILED', ...RUNNING, 'inbox'] as const;
type Place = { phase: (typeof PHASES)[number]; cursor: Cursor | string | null };
/** What a sweep's next page has to know: where it begins, and what the pages before it have found. */
type Progress = Place & { total?: Found };

/**
 * The sweep, one page a call: first the runs that failed with attempts left, then the claims whose lease is over, then
 * the files of the inbox that no run knows. It starts them and does not wait.
 */
export function makeDiscover(ports: DiscoverPorts): Work<DiscoverInput, DiscoverResult> {
  const { ledger, executions, listScenes } = ports;
  const { start, settle } = makeStart(ports);

  return async ({ cursor }, invocation, log) => {
    stopIfAsked(invocation);
    const { total: before = none, ...place }: Progress =
      cursor === null ? { phase: 'FAILED', cursor: null } : JSON.parse(cursor);
    const { found, next } = place.phase === 'inbox' ? await sweepInbox(place.cursor) : await sweepState(place);
    Object.assign(log, { phase: place.phase, ...found });
    if (found.settled > 0) await ports.publish([await countTroubles(ports, 'FAILED', 1)]);
    if (next === null) await tellOfArrivals();
    const total = { started: before.started + found.started, settled: before.settled + found.settled };
    return { cursor: next === null ? null : JSON.stringify({ ...next, total }), ...total };
  };

  async function tellOfArrivals(): Promise<void> {
    const arrivals = await measureArrivals(ledger, ports.now());
    const troubles = [await countTroubles(ports, 'FAILED', 0), await countTroubles(ports, 'INVALID', 0)];
    await ports.publish([...arrivals, ...troubles]); // a nought shows that somebody looked
  }

  async function sweepState({ phase, cursor }: Place): Promise<{ found: Found; next: Place | null }> {
    const state = phase as Exclude<Place['phase'], 'inbox'>;
    const page = await ledger.byState(state, {
      limit: PAGE,
      oldestFirst: true,
      ...(cursor && { cursor: cursor as Cursor }),
    });
    const promoted = await ports.models.promotedOrNone().catch(noneIfInvalid);
    const found = await countEach(page.rows, (row) => (state === 'FAILED' ? retry(row, promoted) : reclaim(row)));
    const phaseAfter = PHASES[PHASES.indexOf(phase) + 1] ?? 'inbox';
    return { found, next: page.cursor ? { phase, cursor: page.cursor } : { phase: phaseAfter, cursor: null } };
  }

  async function sweepInbox(cursor: Place['cursor']): Promise<{ found: Found; next: Place | null }> {
    const page = await listScenes(cursor as string | null);
    const promoted = await ports.models.promotedOrNone().catch(noneIfInvalid);
    const scenes = page.scenes.filter(
      ({ key, lastModified = '' }) =>
        !isCanary(key, ports.inboxPrefix) && (ports.inboxSince === undefined || lastModified >= ports.inboxSince),
    );
    const found = promoted === null ? none : await countEach(scenes, (scene) => discover(scene, promoted));
    return { found, next: page.cursor === null ? null : { phase: 'inbox', cursor: page.cursor } };
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
    return row.attempt < row.attemptLimit ? start(row.scene, row.model, row.attempt + 1) : none;
  }

  /** A claim whose lease is over belongs to nobody, unless its execution is still on its way. */
  async function reclaim(row: LedgerRow): Promise<Found> {
    const isStale = row.lease !== undefined && row.lease < ports.now().toISOString();
    if (!isStale || (await executions.describe(row.execution)).status === 'RUNNING') return none;
    if (row.attempt < row.attemptLimit) return start(row.scene, row.model, row.attempt + 1);
    await settle(row, row.execution);
    return { started: 0, settled: 1 };
  }
}

async function countEach<Item>(items: Item[], look: (item: Item) => Promise<Found>): Promise<Found> {
  const total = { started: 0, settled: 0 };
  for (let first = 0; first < items.length; first += AT_ONCE) {
    const looked = items.slice(first, first + AT_ONCE).map((item) => look(item).catch(noneIfTaken));
    for (const { started, settled } of await Promise.all(looked)) {
      total.started += started;
      total.settled += settled;
    }
  }
  return total;
}
