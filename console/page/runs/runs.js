import { useEffect, useState } from 'preact/hooks';
import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { count, counted } from '../format.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Pager } from '../parts/pager.tsx';
import { STATES, StateBadge } from '../parts/stateBadge.tsx';
import { hrefOf, queryText } from '../route.ts';
import { useAnswer, useRepeat } from '../useAnswer.ts';
import { replaceQuery } from '../useRoute.ts';
import { RunTable } from './runTable.tsx';

const ALL = Object.keys(STATES);
/** The ledger: every run, to search, filter and sort. */
export function RunsPage({ route }) {
  const { query } = route;
  const { state = '', search = '', sort = '', descending = '', page = '' } = query;
  const [runs, again] = useAnswer(`/api/runs${queryText({ state, search, sort, descending, page })}`, ['runs']);
  useRepeat(again, runs.data?.runs.some(({ progress }) => progress !== null) ?? false);
  /** A change of the filter begins at the first page again. */
  const filtered = (change) => ({ state, search, sort, descending, ...change });
  return _jsxs(_Fragment, {
    children: [
      _jsx('h1', { tabIndex: -1, children: 'Runs' }),
      _jsx('p', {
        class: 'lead',
        children: 'A run is one scene file and one model version. This is the ledger of them.',
      }),
      _jsxs('search', {
        class: 'filters',
        children: [
          _jsx(SearchField, { text: search, onText: (text) => replaceQuery(route, filtered({ search: text })) }),
          _jsx(StateFilter, {
            chosen: state,
            counts: runs.data?.states ?? null,
            href: (chosen) => hrefOf('runs', { query: filtered({ state: chosen }) }),
          }),
        ],
      }),
      _jsx(Answered, {
        answer: runs,
        what: 'the ledger',
        again: again,
        children: ({ runs: found, total, page: shown, pages, isMore }) =>
          _jsxs(_Fragment, {
            children: [
              _jsxs('p', {
                role: 'status',
                class: 'small quiet',
                children: [
                  counted(total, 'run'),
                  search === '' && state === '' ? '' : total === 1 ? ' matches' : ' match',
                  isMore && ', among the newest that were looked at; npx swath runs knows the older ones',
                  '.',
                ],
              }),
              found.length === 0
                ? _jsxs(Nothing, {
                    children: [
                      search === '' && state === ''
                        ? 'The ledger is empty. Put a scene file into the inbox: its run appears here by itself.'
                        : 'No run matches. ',
                      (search !== '' || state !== '') && _jsx('a', { href: hrefOf('runs'), children: 'Show all runs' }),
                    ],
                  })
                : _jsx(RunTable, {
                    runs: found,
                    sort: sort === '' ? 'changed' : sort,
                    isDescending: sort === '' || descending === 'true',
                    onSort: (column, isDescending) =>
                      replaceQuery(route, filtered({ sort: column, descending: String(isDescending) })),
                  }),
              _jsx(Pager, {
                page: shown,
                pages: pages,
                href: (to) => hrefOf('runs', { query: { ...filtered({}), page: String(to) } }),
              }),
            ],
          }),
      }),
      _jsxs('details', {
        children: [
          _jsx('summary', { children: 'What the states mean' }),
          _jsx('dl', {
            class: 'facts',
            children: ALL.map((name) =>
              _jsxs(
                'div',
                {
                  children: [
                    _jsx('dt', { children: _jsx(StateBadge, { state: name }) }),
                    _jsx('dd', { children: STATES[name].meaning }),
                  ],
                },
                name,
              ),
            ),
          }),
        ],
      }),
    ],
  });
}
/** The address follows what is typed, a moment later: not each letter is a question to the server. */
function SearchField({ text, onText }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => onText(typed), 200);
    return () => clearTimeout(timer);
  }, [typed]);
  return _jsxs('label', {
    class: 'search',
    children: [
      _jsx('span', { children: 'Search' }),
      _jsx('input', {
        type: 'search',
        value: typed,
        maxLength: 200,
        placeholder: 'file, run, model or error',
        onInput: (event) => setTyped(event.currentTarget.value),
      }),
    ],
  });
}
function StateFilter({ chosen, counts, href }) {
  const sum = counts === null ? null : ALL.reduce((all, state) => all + counts[state], 0);
  return _jsxs('nav', {
    class: 'states',
    'aria-label': 'Filter by state',
    children: [
      _jsx(StateLink, { name: 'all', n: sum, href: href(''), isChosen: chosen === '' }),
      ALL.filter((state) => state === chosen || counts === null || counts[state] > 0).map((state) =>
        _jsx(
          StateLink,
          { name: state, n: counts?.[state] ?? null, href: href(state), isChosen: chosen === state },
          state,
        ),
      ),
    ],
  });
}
function StateLink({ name, n, href, isChosen }) {
  return _jsxs('a', {
    href: href,
    'aria-current': isChosen ? 'true' : undefined,
    children: [name, ' ', n !== null && _jsx('span', { class: 'n', children: count(n) })],
  });
}
