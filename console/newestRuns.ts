import type { Ledger } from '../core/ledger/ledger.ts';
import type { Cursor } from '../core/ledger/ledgerQueries.ts';
import { type LedgerRow, STATES, type State } from '../core/ledger/ledgerRow.ts';

/** So many runs, the newest, are searched, sorted and counted. */
const NEWEST = 2000;
/** So long, rows are kept at most. */
const KEPT_MILLISECONDS = 10_000;
/** Rows asked for at once, of one state. */
const PAGE = 250;
/** Rows of each state that tell whether anything is new; several, as two may be of one millisecond. */
const SIGNS = 8;

/** The newest runs of whichever state, the newest first; `isMore` when the ledger holds older ones. */
export type Newest = { rows: LedgerRow[]; isMore: boolean };

export type NewestRuns = {
  /** Another text as soon as any run has come into another state. */
  sign: () => Promise<string>;
  read: () => Promise<Newest>;
};

/** Keeps the newest runs until something is new in the ledger, as a search asks for them at each letter. */
export function makeNewestRuns(ledger: Pick<Ledger, 'byState'>, limit = NEWEST): NewestRuns {
  let kept: { sign: string; read: number; newest: Promise<Newest> } | undefined;

  async function sign(): Promise<string> {
    const pages = await Promise.all(STATES.map((state) => ledger.byState(state, { limit: SIGNS })));
    return JSON.stringify(pages.map(({ rows }) => rows.map(({ run, changed }) => [run, changed])));
  }

  async function read(): Promise<Newest> {
    const current = await sign(); // before the rows, which may then be newer, but never older than it
    // The index that the sign came from may be ahead of what the rows are read from, for a moment.
    if (kept?.sign !== current || performance.now() - kept.read > KEPT_MILLISECONDS) {
      const newest = readNewest(ledger, limit);
      kept = { sign: current, read: performance.now(), newest };
      newest.catch(() => {
        kept = undefined;
      });
    }
    return kept.newest;
  }

  return { sign, read };
}

async function readNewest(ledger: Pick<Ledger, 'byState'>, limit: number): Promise<Newest> {
  const rows = new Map<string, LedgerRow>();
  for await (const row of newestFirst(ledger)) {
    if (rows.has(row.run)) continue; // it has moved to another state while this was read
    if (rows.size === limit) return { rows: [...rows.values()], isMore: true };
    rows.set(row.run, row);
  }
  return { rows: [...rows.values()], isMore: false };
}

type Queue = { state: State; rows: LedgerRow[]; cursor: Cursor | undefined };

/** The runs of all states in one order, page by page of each state as it is needed. */
async function* newestFirst(ledger: Pick<Ledger, 'byState'>): AsyncGenerator<LedgerRow> {
  const fetch = async (state: State, cursor?: Cursor): Promise<Queue> => ({
    state,
    ...(await ledger.byState(state, { limit: PAGE, ...(cursor && { cursor }) })),
  });
  const queues = await Promise.all(STATES.map((state) => fetch(state)));
  for (;;) {
    for (const [i, { state, rows, cursor }] of queues.entries()) {
      if (rows.length === 0 && cursor !== undefined) queues[i] = await fetch(state, cursor);
    }
    const next = queues
      .filter(({ rows }) => rows.length > 0)
      .reduce<Queue | undefined>(
        (a, b) => (a === undefined || b.rows[0]!.changed > a.rows[0]!.changed ? b : a),
        undefined,
      );
    if (next === undefined) return;
    yield next.rows.shift()!;
  }
}
