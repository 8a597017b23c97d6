import * as z from 'zod';
import { modelId } from '../../core/base/messages.ts';
import { hasText } from '../../core/ledger/ledgerRow.ts';
import { STATES, type State } from '../../core/ledger/states.ts';
import { cellsOfRun, runsTable } from '../../core/tables/runsTable.ts';
import type { Rows } from '../../core/tables/table.ts';
import type { RunSummary, Runs } from '../api.ts';
import type { NewestRuns } from '../newestRuns.ts';
import { oneOf, pageOf, wholeNumber } from '../query.ts';
import type { Service } from '../service.ts';
import { runSummary, summaryOf } from './runSummary.ts';

const COLUMNS = [
  ...(['run', 'state', 'changed', 'claimedAt', 'model', 'attempt', 'file', 'door'] as const),
  ...(['size', 'chips', 'blank', 'acquired', 'drift', 'verdict', 'seconds', 'error'] as const),
] satisfies (keyof RunSummary)[];

function keyOf(run: RunSummary, column: (typeof COLUMNS)[number]): Key {
  if (column === 'state') return STATES.indexOf(run.state);
  return column === 'model' ? modelId(run.model) : run[column];
}

export const runsQuery = z
  .object({
    state: oneOf(STATES).optional(),
    search: z.string().max(200, 'at most 200 letters').default(''),
    sort: oneOf(COLUMNS).optional(),
    descending: oneOf(['true', 'false']).optional(),
    page: wholeNumber(1, 1_000_000).default(1),
  })
  // Without a column, the newest come first; a column sorts in ascending order by default.
  .transform(({ sort, descending, ...rest }) => ({
    ...rest,
    sort: sort ?? 'changed',
    isDescending: descending === undefined ? sort === undefined : descending === 'true',
  }));

type Query = z.output<typeof runsQuery>;

export async function runsOf(newestRuns: Pick<NewestRuns, 'read'>, listResults: Service['listResults'], query: Query) {
  const { found, wanted, cut } = await wantedRuns(newestRuns, query);
  const states = Object.fromEntries(STATES.map((one) => [one, 0])) as Record<State, number>;
  for (const row of found) states[row.state] += 1;
  const { items, ...shown } = pageOf(wanted, query.page, 50);
  const runs = await Promise.all(items.map((row) => summaryOf(listResults, row)));
  const isMore = query.state === undefined ? cut.length > 0 : cut.includes(query.state);
  return { runs, total: wanted.length, states, cut, ...shown, isMore } satisfies Runs;
}

export async function runRows(runs: Pick<NewestRuns, 'read'>, query: Query) {
  const { wanted } = await wantedRuns(runs, query);
  return { columns: runsTable.columns, rows: [wanted.map(cellsOfRun)] } satisfies Rows;
}

async function wantedRuns(newestRuns: Pick<NewestRuns, 'read'>, { state, search, sort, isDescending }: Query) {
  const { rows, cut } = await newestRuns.read(search === '' ? {} : { search });
  const found = rows.filter((row) => hasText(row, search));
  const wanted = found.filter((row) => state === undefined || row.state === state);
  const lines = wanted.map((row) => ({ row, key: keyOf(runSummary(row), sort) }));
  lines.sort((a, b) => compare(a.key, b.key, isDescending)); // the sort is stable: equal ones stay newest first
  return { found, wanted: lines.map(({ row }) => row), cut };
}

type Key = string | number | null;

/** Compares numbers by size and texts naturally (file 9 before file 10); missing values come last in both directions. */
function compare(a: Key, b: Key, isDescending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : byText(String(a), String(b));
  return isDescending ? -order : order;
}

const byText = new Intl.Collator('en', { numeric: true }).compare;
