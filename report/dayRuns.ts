import { modelId } from '../core/base/messages.ts';
import type { Ledger } from '../core/ledger/contract.ts';
import { rowsInState } from '../core/ledger/ledgerQueries.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { RUNNING, type State } from '../core/ledger/states.ts';

export type DayRunsPorts = { ledger: Pick<Ledger, 'rowsOfDay' | 'byState'> };

const NOT_COUNTED: readonly State[] = ['INVALID', 'FAILED', 'DUPLICATE', ...RUNNING];
/** Of a state, from the day on: beyond this, an old day's report would take minutes. */
const MOST_ROWS = 10_000;

export type DayRuns = Awaited<ReturnType<typeof readDayRuns>>;

/**
 * Finds the runs of the scene files that arrived on a UTC day (YYYY-MM-DD), as the ledger has them now: those that count, `DONE` or
 * `EMPTY`, in the order of their files' keys, and all others in the same order. With `isCut` there may be more of the others. A file
 * that failed before anybody could say when it had arrived belongs to the day on which it failed.
 */
export async function readDayRuns({ ledger }: DayRunsPorts, day: string) {
  const counted = await Array.fromAsync(ledger.rowsOfDay(day));
  const found = await Promise.all(NOT_COUNTED.map((state) => rowsIn(ledger, state, day)));
  // A run that comes to its end while these questions are asked could be found twice.
  const known = new Set(counted.map(({ run }) => run));
  const others = found.flatMap(({ rows }) => rows).filter(({ run }) => !known.has(run));
  return { counted: counted.toSorted(byKey), others: others.toSorted(byKey), isCut: found.some(({ isCut }) => isCut) };
}

/** Nothing changes state before it arrives, so what came into a state before the day is none of its files. */
async function rowsIn(ledger: DayRunsPorts['ledger'], state: State, day: string) {
  const asked = { since: new Date(`${day}T00:00:00Z`), oldestFirst: true, limit: MOST_ROWS + 1 };
  const rows: LedgerRow[] = [];
  let looked = 0;
  for await (const row of rowsInState(ledger, state, asked)) {
    looked += 1;
    if (looked <= MOST_ROWS && (row.day ?? row.changed.slice(0, 10)) === day) rows.push(row);
  }
  return { rows, isCut: looked > MOST_ROWS };
}

function byKey(a: LedgerRow, b: LedgerRow): number {
  const [left, right] = [a, b].map(({ scene, model, run }) => `${scene.key}\n${modelId(model)}\n${run}`);
  return left! < right! ? -1 : 1;
}
