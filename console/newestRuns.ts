import { keptFor } from '../core/base/concurrency/keptFor.ts';
import type { Ledger } from '../core/ledger/contract.ts';
import { newestInStates } from '../core/ledger/ledgerQueries.ts';
import { STATES } from '../core/ledger/states.ts';

const NEWEST = 2000;
/** The sign may come from a more recent state of the index than the rows, for a moment: they are read anew after that. */
const KEPT_MILLISECONDS = 10_000;
/** How many rows of each state are read to detect changes; several, as two may have the same millisecond. */
const SIGNS = 8;

export type NewestRuns = ReturnType<typeof makeNewestRuns>;

/** All runs for a file, which leaves none out; they are not kept. */
export const everyRun = (ledger: Pick<Ledger, 'byState'>): Pick<NewestRuns, 'read'> => ({
  read: async () => ({ rows: await newestInStates(ledger, STATES, { limit: Infinity }), isMore: false }),
});

/** Caches the newest runs until the ledger changes, as a search needs them for each letter typed. */
export function makeNewestRuns(ledger: Pick<Ledger, 'byState'>, limit = NEWEST) {
  /** The newest runs of all states, the newest first; `isMore` if the ledger has older ones. */
  const newestAt = keptFor(KEPT_MILLISECONDS, async (_sign: string) => {
    const rows = await newestInStates(ledger, STATES, { limit: limit + 1 });
    return { rows: rows.slice(0, limit), isMore: rows.length > limit };
  });

  /** Returns a text that changes when any run changes its state. */
  async function sign(): Promise<string> {
    const pages = await Promise.all(STATES.map((state) => ledger.byState(state, { limit: SIGNS })));
    return JSON.stringify(pages.map(({ rows }) => rows.map(({ run, changed }) => [run, changed])));
  }

  // The sign is read before the rows, which may then be newer than it, but never older.
  return { sign, read: async () => newestAt(await sign()) };
}
