import type { ComponentChildren } from 'preact';
import type { RunSummary } from '../../api.ts';
import { count, distance, NONE, orNone } from '../format.ts';
import { Outside } from '../parts/outside.tsx';
import { StateBadge } from '../parts/stateBadge.tsx';
import { VerdictBadge } from '../parts/verdictBadge.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf } from '../route.ts';
import { Progress } from './progress.tsx';

type Column = {
  key: Exclude<keyof RunSummary, 'progress'>;
  title: string;
  isNumber?: boolean;
  /** Left out where the screen is narrow; the run's own page has it. */
  isMinor?: boolean;
  /** Whether the first click shows the greatest first. */
  beginsWithGreatest?: boolean;
  cell: (run: RunSummary) => ComponentChildren;
};

const COLUMNS: Column[] = [
  { key: 'file', title: 'File', cell: (run) => <FileCell run={run} /> },
  { key: 'state', title: 'State', isMinor: true, cell: ({ state }) => <StateBadge state={state} /> },
  {
    key: 'drift',
    title: 'Drift',
    isNumber: true,
    beginsWithGreatest: true,
    cell: ({ drift }) => orNone(drift, distance),
  },
  {
    key: 'verdict',
    title: 'Verdict',
    isMinor: true,
    cell: ({ verdict }) => (verdict === null ? NONE : <VerdictBadge verdict={verdict} />),
  },
  {
    key: 'chips',
    title: 'Chips',
    isNumber: true,
    isMinor: true,
    beginsWithGreatest: true,
    cell: ({ chips, blank }) => (
      <>
        {orNone(chips, count)}
        {blank !== null && blank > 0 && <small> {count(blank)} blank</small>}
      </>
    ),
  },
  {
    key: 'seconds',
    title: 'Seconds',
    isNumber: true,
    isMinor: true,
    beginsWithGreatest: true,
    cell: ({ seconds }) => orNone(seconds, (value) => value.toFixed(2)),
  },
  {
    key: 'attempt',
    title: 'Attempt',
    isNumber: true,
    isMinor: true,
    beginsWithGreatest: true,
    cell: (run) => run.attempt,
  },
  {
    key: 'changed',
    title: 'Changed',
    isMinor: true,
    beginsWithGreatest: true,
    cell: ({ changed }) => <When time={changed} />,
  },
];

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
  return (
    <table class="runs">
      <caption class="visually-hidden">Runs. The buttons in the column heads sort them.</caption>
      <thead>
        <tr>
          {COLUMNS.map(({ key, title, isNumber, isMinor, beginsWithGreatest = false }) => (
            <th
              key={key}
              scope="col"
              class={classOf({ isNumber, isMinor })}
              aria-sort={key !== sort ? undefined : isDescending ? 'descending' : 'ascending'}
            >
              <button type="button" onClick={() => onSort(key, key === sort ? !isDescending : beginsWithGreatest)}>
                {title}
                <span class="direction" aria-hidden="true">
                  {key !== sort ? '' : isDescending ? '↓' : '↑'}
                </span>
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.run}>
            {COLUMNS.map(({ key, isNumber, isMinor, cell }) => (
              <td key={key} class={classOf({ isNumber, isMinor })}>
                {cell(run)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FileCell({ run }: { run: RunSummary }) {
  return (
    <>
      <a href={hrefOf('runs', { id: run.run })}>
        <Outside text={run.file} />
      </a>
      <p class="narrow-only small quiet">
        <StateBadge state={run.state} /> {run.verdict !== null && <VerdictBadge verdict={run.verdict} />}{' '}
        <When time={run.changed} />
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

function classOf({ isNumber, isMinor }: { isNumber?: boolean | undefined; isMinor?: boolean | undefined }): string {
  return `${isNumber ? 'number' : ''} ${isMinor ? 'minor' : ''}`.trim();
}
