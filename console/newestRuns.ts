import type { Cursor, Ledger } from '../core/ledger/contract.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { STATES, type State } from '../core/ledger/states.ts';

/** How many of the newest runs are searched, sorted and counted. */
const NEWEST = 2000;
const KEPT_MILLISECONDS = 10_000;
const PAGE = 250;
/** How many rows of each state are read to detect changes; several, as two may have the same millisecond. */
const SIGNS = 8;

/** The newest runs of all states, the newest first; `isMore` if the ledger has older ones. */
export type Newest = { rows: LedgerRow[]; isMore: boolean };

export type NewestRuns = {
  /** A text that changes when any run changes its state. */
  sign: () => Promise<string>;
  read: () => Promise<Newest>;
};

/** Caches the newest runs until the ledger changes, as a search needs them for each letter typed. */
export function makeNewestRuns(ledger: Pick<Ledger, 'byState'>, limit = NEWEST): NewestRuns {
  let kept: { sign: string; read: number; newest: Promise<Newest> } | undefined;

  async function sign(): Promise<string> {
    const pages = await Promise.all(STATES.map((state) => ledger.byState(state, { limit: SIGNS })));
    return JSON.stringify(pages.map(({ rows }) => rows.map(({ run, changed }) => [run, changed])));
  }

  async function read(): Promise<Newest> {
    const current = await sign(); // read before the rows, which may then be newer than the sign, but never older
    // The sign may come from a more recent state of the index than the rows, for a moment.
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
    if (rows.has(row.run)) continue; // its state changed while the rows were read
    if (rows.size === limit) return { rows: [...rows.values()], isMore: true };
    rows.set(row.run, row);
  }
  return { rows: [...rows.values()], isMore: false };
}

type Queue = { state: State; rows: LedgerRow[]; cursor: Cursor | undefined };

/** Merges the runs of all states in order, reading pages of each state as needed. */
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
    const waiting = queues.flatMap(({ rows }) => (rows.length > 0 ? [rows] : []));
    if (waiting.length === 0) return;
    yield waiting.reduce((a, b) => (b[0]!.changed > a[0]!.changed ? b : a)).shift()!;
  }
}
