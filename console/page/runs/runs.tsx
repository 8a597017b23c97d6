import { useEffect, useState } from 'preact/hooks';
import { count, counted, distance, NONE, orNone } from '../../../charts/format.ts';
import { capitalised } from '../../../core/base/text/capitalised.ts';
import { MEANINGS, STATES, type State } from '../../../core/ledger/states.ts';
import type { RunSummary, Runs } from '../../api.ts';
import { Answered, Nothing, noted, outside, RunLink, useAnswer, useRepeat, when } from '../parts/answered.tsx';
import { StateBadge, VerdictBadge } from '../parts/badges.tsx';
import { Downloads, Pager } from '../parts/controls.tsx';
import { type Column, Facts, Table } from '../parts/table.tsx';
import { changeQuery, hrefOf, queryText, type Route } from '../route.ts';
import { Progress } from './progress.tsx';

export function RunsPage({ route }: { route: Route }) {
  const { query } = route;
  const { state = '', search = '', sort = '', descending = '', page = '' } = query;
  const runs = useAnswer<Runs>(`/api/runs${queryText({ state, search, sort, descending, page })}`, ['runs']);
  useRepeat(runs.again, runs.data?.runs.some(({ progress }) => progress !== null) ?? false);

  return (
    <>
      <h1 tabIndex={-1}>Runs</h1>
      <p class="lead">A run is one scene file and one model version. This is the ledger of them.</p>
      <search class="filters">
        <SearchField text={search} onText={(text) => changeQuery(route, { search: text })} />
        <StateFilter
          chosen={state}
          counts={runs.data}
          href={(chosen) => hrefOf('runs', { query: { ...query, page: '', state: chosen } })}
        />
      </search>
      <Answered answer={runs} what="the ledger">
        {({ runs: found, total, page: shown, pages, isMore }) => (
          <>
            <p role="status" class="small quiet">
              {counted(total, 'run')}
              {search === '' && state === '' ? '' : total === 1 ? ' matches' : ' match'}
              {isMore && ', among the newest runs; npx swath runs lists older ones'}.
              {(total > 0 || isMore) && (
                <Downloads path="/api/runs" query={queryText({ state, search, sort, descending })} />
              )}
            </p>
            {found.length === 0 ? (
              <Nothing>
                {search === '' && state === ''
                  ? 'The ledger is empty. Put a scene file into the inbox, and its run appears here.'
                  : 'No run matches. '}
                {(search !== '' || state !== '') && <a href={hrefOf('runs')}>Show all runs</a>}
              </Nothing>
            ) : (
              <RunTable
                runs={found}
                sort={sort === '' ? 'changed' : sort}
                isDescending={sort === '' || descending === 'true'}
                onSort={(column, isDown) => changeQuery(route, { sort: column, descending: String(isDown) })}
              />
            )}
            <Pager page={shown} pages={pages} href={(to) => hrefOf('runs', { query: { ...query, page: to } })} />
          </>
        )}
      </Answered>
      <details>
        <summary>What the states mean</summary>
        <Facts facts={STATES.map((name) => [<StateBadge key={name} state={name} />, MEANINGS[name]])} />
      </details>
    </>
  );
}

/** The address follows what is typed, a moment later: not each letter is a question to the server. */
function SearchField({ text, onText }: { text: string; onText: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => onText(typed), 200);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <label class="search">
      <span>Search</span>
      <input
        type="search"
        value={typed}
        maxLength={200}
        placeholder="file, run, model or error"
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
    </label>
  );
}

type Filter = { chosen: string; counts: Pick<Runs, 'states' | 'cut'> | null; href: (state: string) => string };

function StateFilter({ chosen, counts, href }: Filter) {
  const link = (state: string, name: string, of: readonly State[]) => (
    <a key={state} href={href(state)} aria-current={chosen === state ? 'true' : undefined}>
      {name} {counts !== null && <span class="n">{numberOf(counts, of)}</span>}
    </a>
  );
  const shown = STATES.filter((state) => state === chosen || counts === null || counts.states[state] > 0);
  return (
    <nav class="states" aria-label="Filter by state">
      {link('', 'all', STATES)}
      {shown.map((state) => link(state, state, [state]))}
    </nav>
  );
}

const numberOf = ({ states, cut }: Pick<Runs, 'states' | 'cut'>, of: readonly State[]): string =>
  `${count(of.reduce((all, state) => all + states[state], 0))}${of.some((state) => cut.includes(state)) ? '+' : ''}`;

const modelOf = ({ name, version }: RunSummary['model']) => `${name} ${version}`;

/** A minor column is left out where the screen is narrow; the run's own page has it. */
const COLUMNS: (Omit<Column<RunSummary>, 'head'> & { key: keyof RunSummary })[] = [
  {
    key: 'file',
    cell: (run) => (
      <>
        <RunLink run={run} />
        <p class="narrow-only small quiet">
          <StateBadge state={run.state} /> <VerdictBadge verdict={run.verdict} /> {when(run.changed)}
        </p>
        <Progress run={run} />
        {run.error !== null && <p class="small quiet clamp">{outside(run.error)}</p>}
      </>
    ),
  },
  { key: 'model', look: 'model', cell: ({ model }) => outside(modelOf(model)) },
  { key: 'door', look: 'minor', cell: ({ door }) => door },
  { key: 'state', look: 'minor', cell: ({ state }) => <StateBadge state={state} /> },
  { key: 'drift', look: 'number', cell: ({ drift }) => orNone(drift, distance) },
  { key: 'verdict', look: 'minor', cell: ({ verdict }) => (verdict ? <VerdictBadge verdict={verdict} /> : NONE) },
  {
    key: 'chips',
    look: 'number minor',
    cell: ({ chips, blank }) => noted(orNone(chips, count), blank ? `${count(blank)} blank` : undefined),
  },
  { key: 'seconds', look: 'number minor', cell: ({ seconds }) => orNone(seconds, (value) => value.toFixed(2)) },
  { key: 'attempt', look: 'number minor', cell: ({ attempt }) => attempt },
  { key: 'acquired', look: 'minor', cell: ({ acquired }) => (acquired ? when(acquired) : NONE) },
  { key: 'changed', look: 'minor', cell: ({ changed }) => when(changed) },
];

/** Of numbers and times, the first click shows the greatest first. */
const BEGINS_WITH_LEAST = ['file', 'model', 'door', 'state', 'verdict'];

type Sorted = {
  runs: readonly RunSummary[];
  sort: string;
  isDescending: boolean;
  onSort: (column: string, isDescending: boolean) => void;
};

function RunTable({ runs, sort, isDescending, onSort }: Sorted) {
  const areOfSeveral = new Set(runs.map(({ model }) => modelOf(model))).size > 1 || sort === 'model';
  const shown = areOfSeveral ? COLUMNS : COLUMNS.filter(({ key }) => key !== 'model');
  const columns = shown.map(({ key, look, cell }): Column<RunSummary> => {
    const isSorted = key === sort;
    const next = isSorted ? !isDescending : !BEGINS_WITH_LEAST.includes(key);
    const head = (
      <button type="button" onClick={() => onSort(key, next)}>
        {capitalised(key)}
        <span class="direction" aria-hidden="true">
          {isSorted && (isDescending ? '↓' : '↑')}
        </span>
      </button>
    );
    return { head, look, cell, sort: isSorted ? (isDescending ? 'descending' : 'ascending') : undefined };
  });
  return <Table look="runs" caption="Runs. The buttons in the column heads sort them." columns={columns} rows={runs} />;
}
