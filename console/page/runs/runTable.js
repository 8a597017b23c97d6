import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { count, distance, NONE, orNone } from '../format.ts';
import { Outside } from '../parts/outside.tsx';
import { StateBadge } from '../parts/stateBadge.tsx';
import { VerdictBadge } from '../parts/verdictBadge.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf } from '../route.ts';
import { Progress } from './progress.tsx';

const COLUMNS = [
  { key: 'file', title: 'File', cell: (run) => _jsx(FileCell, { run: run }) },
  { key: 'state', title: 'State', isMinor: true, cell: ({ state }) => _jsx(StateBadge, { state: state }) },
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
    cell: ({ verdict }) => (verdict === null ? NONE : _jsx(VerdictBadge, { verdict: verdict })),
  },
  {
    key: 'chips',
    title: 'Chips',
    isNumber: true,
    isMinor: true,
    beginsWithGreatest: true,
    cell: ({ chips, blank }) =>
      _jsxs(_Fragment, {
        children: [
          orNone(chips, count),
          blank !== null && blank > 0 && _jsxs('small', { children: [' ', count(blank), ' blank'] }),
        ],
      }),
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
    cell: ({ changed }) => _jsx(When, { time: changed }),
  },
];
/** Runs as a table whose column heads sort it. */
export function RunTable({ runs, sort, isDescending, onSort }) {
  return _jsxs('table', {
    class: 'runs',
    children: [
      _jsx('caption', { class: 'visually-hidden', children: 'Runs. The buttons in the column heads sort them.' }),
      _jsx('thead', {
        children: _jsx('tr', {
          children: COLUMNS.map(({ key, title, isNumber, isMinor, beginsWithGreatest = false }) =>
            _jsx(
              'th',
              {
                scope: 'col',
                class: classOf({ isNumber, isMinor }),
                'aria-sort': key !== sort ? undefined : isDescending ? 'descending' : 'ascending',
                children: _jsxs('button', {
                  type: 'button',
                  onClick: () => onSort(key, key === sort ? !isDescending : beginsWithGreatest),
                  children: [
                    title,
                    _jsx('span', {
                      class: 'direction',
                      'aria-hidden': 'true',
                      children: key !== sort ? '' : isDescending ? '↓' : '↑',
                    }),
                  ],
                }),
              },
              key,
            ),
          ),
        }),
      }),
      _jsx('tbody', {
        children: runs.map((run) =>
          _jsx(
            'tr',
            {
              children: COLUMNS.map(({ key, isNumber, isMinor, cell }) =>
                _jsx('td', { class: classOf({ isNumber, isMinor }), children: cell(run) }, key),
              ),
            },
            run.run,
          ),
        ),
      }),
    ],
  });
}
function FileCell({ run }) {
  return _jsxs(_Fragment, {
    children: [
      _jsx('a', { href: hrefOf('runs', { id: run.run }), children: _jsx(Outside, { text: run.file }) }),
      _jsxs('p', {
        class: 'narrow-only small quiet',
        children: [
          _jsx(StateBadge, { state: run.state }),
          ' ',
          run.verdict !== null && _jsx(VerdictBadge, { verdict: run.verdict }),
          ' ',
          _jsx(When, { time: run.changed }),
        ],
      }),
      _jsx(Progress, { run: run }),
      run.error !== null && _jsx('p', { class: 'small quiet clamp', children: _jsx(Outside, { text: run.error }) }),
    ],
  });
}
function classOf({ isNumber, isMinor }) {
  return `${isNumber ? 'number' : ''} ${isMinor ? 'minor' : ''}`.trim();
}
