import { keptFor } from '../core/base/concurrency/keptFor.ts';
import { modelId } from '../core/base/messages.ts';
import type { Ledger } from '../core/ledger/contract.ts';
import { newestInStates, newestOfEachState } from '../core/ledger/ledgerQueries.ts';
import { hasText, type LedgerRow } from '../core/ledger/ledgerRow.ts';
import { STATES, type State } from '../core/ledger/states.ts';
import { ACTIVITY_RUNS } from '../core/releases/comparison/versionActivity.ts';

/** So many of each state are shown: a state that few runs are in is not crowded out by the others. */
const NEWEST = 2000;
/** The sign may come from a more recent state of the index than the rows, for a moment: they are read anew after that. */
const KEPT_MILLISECONDS = 10_000;
/** How many rows of each state are read to detect changes; several, as two may have the same millisecond. */
const SIGNS = 8;

/** Which runs are asked for: all, by default. `of` is a model, or a version; from a day to another (YYYY-MM-DD). */
export type Wanted = { search?: string; of?: string; from?: string; to?: string; isRaster?: true };

export type NewestRuns = ReturnType<typeof makeNewestRuns>;

/** All runs for a file, which leaves none out; they are not kept. */
export const everyRun = (ledger: Pick<Ledger, 'byState'>): Pick<NewestRuns, 'read'> => ({
  read: async () => ({ rows: await newestInStates(ledger, STATES, { limit: Infinity }), cut: [] as State[] }),
});

/** Caches the newest runs until the ledger changes. */
export function makeNewestRuns(ledger: Pick<Ledger, 'byState'>, limit = NEWEST, lookedAt = ACTIVITY_RUNS) {
  const readIn = async (states: readonly State[], most: number) => {
    const rows = await newestOfEachState(ledger, states, { limit: most + 1 });
    const groups = Map.groupBy(rows, ({ state }) => state);
    return {
      /** The newest first. */
      rows: rows.filter((row) => row !== groups.get(row.state)![most]),
      /** The states of which the ledger has older ones. */
      cut: STATES.filter((state) => (groups.get(state) ?? []).length > most),
    };
  };
  const newestAt = keptFor(KEPT_MILLISECONDS, (_sign: string) => readIn(STATES, limit));
  /** Older ones hardly change: they are not read anew with each run that does. */
  const olderOf = keptFor(KEPT_MILLISECONDS, (states: string) => readIn(JSON.parse(states), lookedAt));

  async function read(wanted: Wanted = {}) {
    const newest = await newestAt(await sign()); // the sign may be older than the rows, but never newer
    if (Object.keys(wanted).length === 0) return newest;
    const older = newest.cut.length === 0 ? newest : await olderOf(JSON.stringify(newest.cut));
    const byRun = new Map([...older.rows, ...newest.rows].map((row) => [row.run, row]));
    const rows = [...byRun.values()].sort((a, b) => b.changed.localeCompare(a.changed));
    const { search = '', of, from = '', to = '~', isRaster } = wanted;
    const isWanted = ({ model, day = '', raster }: LedgerRow) =>
      (of === undefined || of === model.name || of === modelId(model)) &&
      day >= from &&
      day <= to &&
      (!isRaster || raster !== undefined);
    return { rows: rows.filter((row) => isWanted(row) && hasText(row, search)), cut: older.cut };
  }

  /** Returns a text that changes when any run changes its state. */
  async function sign(): Promise<string> {
    const pages = await Promise.all(STATES.map((state) => ledger.byState(state, { limit: SIGNS })));
    return JSON.stringify(pages.map(({ rows }) => rows.map(({ run, changed }) => [run, changed])));
  }

  return { sign, read };
}
