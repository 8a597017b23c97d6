import type { ExecutionStatus } from '../../core/base/executions.ts';
import type { BatchResult, ModelRef, SceneRef } from '../../core/base/messages.ts';
import type { ListedScene } from '../../core/base/objectStore.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { Datum } from '../../core/metrics/metrics.ts';
import { type DiscoverPorts, makeDiscover } from '../../functions/discover/discover.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { makeTestResults } from './results.ts';
import { servingOf } from './serving.ts';
import { startTestTables } from './tablesInMemory.ts';

export const ref = { name: 'baseline', version: '1.0.0' };
export const promoted = { name: 'baseline', version: '2.0.0' };
/** When the bench sweeps, and when its runs were claimed. */
export const now = new Date('2026-03-02T00:15:00Z');
export const before = new Date('2026-03-01T10:00:00Z');
/** After all that these tests are about. */
export const LATER = new Date('2900-01-01');

type Request = {
  /** In the place of a new one; it is in the inbox, or not, by itself. */
  scene?: SceneRef;
  state?: LedgerRow['state'];
  model?: ModelRef;
  lease?: number;
  attemptLimit?: number;
  at?: Date;
};

/** What a call is asked for, beside its page. */
type Asked = {
  signal?: AbortSignal;
  isFull?: boolean;
  marker?: string | null;
  done?: BatchResult[];
  remainingSeconds?: number;
};

/** More than any test has: a sweep that asks for more goes round in a circle. */
const MOST_PAGES = 300;

/** For tests: a sweep of tables of its own, with the executions that are known by name, and an inbox of pages of fifty. */
export async function makeBench(known: Record<string, ExecutionStatus> = {}) {
  const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
  const executions = new Map(Object.entries(known));
  const started: [name: string, input: unknown][] = [];
  const inbox: ListedScene[] = [];
  const published: Datum[] = [];
  const results = makeTestResults();
  let calls = 0;

  const ports: DiscoverPorts = {
    ledger,
    executions: {
      start: async (name, input) => {
        if (executions.has(name)) return 'known';
        executions.set(name, { status: 'RUNNING' });
        started.push([name, input]);
        return 'started';
      },
      describe: async (execution) => executions.get(execution.replace('arn:', '')) ?? { status: 'UNKNOWN' },
      arnOf: (name) => `arn:${name}`,
    },
    listScenes: async (cursor, { prefix = '', except } = {}) => {
      const first = Number(cursor ?? 0);
      const next = first + 50;
      const all = inbox.filter(
        ({ key }) => key.startsWith(prefix) && !(except !== undefined && key.startsWith(except)),
      );
      return { scenes: all.slice(first, next), cursor: next < all.length ? String(next) : null };
    },
    models: { serving: servingOf(promoted) },
    publish: async (datums) => void published.push(...datums),
    now: () => now,
    attemptLimit: 3,
    leaseSeconds: 300,
    sweepLookBackDays: 7,
    inboxPrefix: '',
    bulkPrefix: 'bulk/',
    filesPerBatch: 500,
    bytesPerBatch: 1000,
    ...results.ports,
  };

  /** One page. */
  const discover = (
    cursor: string | null,
    more: Partial<DiscoverPorts> = {},
    {
      signal = new AbortController().signal,
      isFull = false,
      marker = null,
      done = [],
      remainingSeconds = 300,
    }: Asked = {},
  ) => {
    calls += 1;
    if (calls > MOST_PAGES) throw new Error(`The sweep does not come to its end within ${MOST_PAGES} pages.`);
    const input = { cursor, batches: done, execution: 'sweep', input: { isFull, marker } };
    return makeDiscover({ ...ports, ...more })(input, { remainingSeconds: () => remainingSeconds, signal }, {});
  };

  /** All pages, as the state machine asks for them. */
  const sweep = async (more: Partial<DiscoverPorts> = {}, isFull = false) => {
    let page = await discover(null, more, { isFull });
    while (page.cursor !== null) page = await discover(page.cursor, more, { isFull });
    const { started, settled } = page; // the last page counts those before it
    return { started, settled };
  };

  /** A run that its first execution has claimed and brought into a state; its file lies in the inbox. */
  const claim = async (request: Request = {}) => {
    const { state = 'CLAIMED', model = ref, lease = 60, attemptLimit = 3, at = before } = request;
    const scene = request.scene ?? newScene();
    if (request.scene === undefined) inbox.push(scene);
    const claimed = { scene, model, execution: 'arn:first', now: at, leaseSeconds: lease, attemptLimit };
    const { row } = await ledger.claim(claimed);
    if (state === 'FAILED') return ledger.fail(row, state, { name: 'Error', message: 'x', step: 'Infer' }, at);
    return ledger.advance(row, state, at);
  };

  return { sweep, discover, started, inbox, results, executions, ledger, claim, published };
}

/** The names of the executions that were started. */
export function namesOf(started: readonly (readonly [name: string, input: unknown])[]): string[] {
  return started.map(([name]) => name);
}

/** A file that nobody knows. */
export function newScene(folder = ''): SceneRef {
  return { bucket: 'inbox', key: `${folder}${crypto.randomUUID()}`, versionId: 'v1' };
}
