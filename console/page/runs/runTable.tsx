import { count, distance, NONE, orNone } from '../../../charts/format.ts';
import type { RunSummary } from '../../api.ts';
import { StateBadge, VerdictBadge } from '../parts/badges.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Outside, RunLink, When } from '../parts/text.tsx';
import { Progress } from './progress.tsx';

/** A minor column is left out where the screen is narrow; the run's own page has it. */
const COLUMNS: (Omit<Column<RunSummary>, 'head'> & { key: keyof RunSummary; title: string })[] = [
  { key: 'file', title: 'File', cell: (run) => <FileCell run={run} /> },
  { key: 'door', title: 'Door', look: 'minor', cell: ({ door }) => door },
  { key: 'state', title: 'State', look: 'minor', cell: ({ state }) => <StateBadge state={state} /> },
  { key: 'drift', title: 'Drift', look: 'number', cell: ({ drift }) => orNone(drift, distance) },
  {
    key: 'verdict',
    title: 'Verdict',
    look: 'minor',
    cell: ({ verdict }) => (verdict ? <VerdictBadge verdict={verdict} /> : NONE),
  },
  {
    key: 'chips',
    title: 'Chips',
    look: 'number minor',
    cell: ({ chips, blank }) => (
      <>
        {orNone(chips, count)}
        {blank !== null && blank > 0 && <small class="quiet"> {count(blank)} blank</small>}
      </>
    ),
  },
  {
    key: 'seconds',
    title: 'Seconds',
    look: 'number minor',
    cell: ({ seconds }) => orNone(seconds, (value) => value.toFixed(2)),
  },
  { key: 'attempt', title: 'Attempt', look: 'number minor', cell: ({ attempt }) => attempt },
  { key: 'changed', title: 'Changed', look: 'minor', cell: ({ changed }) => <When time={changed} /> },
];

/** Of numbers and times, the first click shows the greatest first. */
const BEGINS_WITH_LEAST = ['file', 'door', 'state', 'verdict'];

/** Runs as a table whose column heads sort it. */
export function RunTable({
  runs,
  sort,
  isDescending,
  onSort,
}: {
  runs: readonly RunSummary[];
  sort: string;
  isDescending: boolean;
  onSort: (column: string, isDescending: boolean) => void;
}) {
  const columns = COLUMNS.map(({ key, title, look, cell }): Column<RunSummary> => {
    const isSorted = key === sort;
    const next = isSorted ? !isDescending : !BEGINS_WITH_LEAST.includes(key);
    const head = (
      <button type="button" onClick={() => onSort(key, next)}>
        {title}
        <span class="direction" aria-hidden="true">
          {isSorted && (isDescending ? '↓' : '↑')}
        </span>
      </button>
    );
    return { head, look, cell, sort: isSorted ? (isDescending ? 'descending' : 'ascending') : undefined };
  });
  return <Table look="runs" caption="Runs. The buttons in the column heads sort them." columns={columns} rows={runs} />;
}

function FileCell({ run }: { run: RunSummary }) {
  return (
    <>
      <RunLink run={run} />
      <p class="narrow-only small quiet">
        <StateBadge state={run.state} /> <VerdictBadge verdict={run.verdict} /> <When time={run.changed} />
      </p>
      <Progress run={run} />
      {run.error !== null && (
        <p class="small quiet clamp">
          <Outside text={run.error} />
        </p>
      )}
    </>
  );
}
