import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Outside } from '../parts/outside.tsx';
import { StateBadge } from '../parts/stateBadge.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf, queryText } from '../route.ts';
import { useAnswer } from '../useAnswer.ts';

const MOST_SHOWN = 8;
/** The ledger's newest and failed runs, as the dashboard's widget shows them; the rest is on the page of runs. */
export function LedgerPanel({ title, meaning }) {
  return _jsxs('section', {
    class: 'panel card wide',
    children: [
      _jsx('h3', { children: title }),
      _jsx('p', { class: 'meaning', children: meaning }),
      _jsxs('div', {
        class: 'columns',
        children: [_jsx(Some, { name: 'Newest', state: '' }), _jsx(Some, { name: 'Failed', state: 'FAILED' })],
      }),
      _jsx('p', { children: _jsx('a', { href: hrefOf('runs'), children: 'All runs, to search, filter and sort' }) }),
    ],
  });
}
function Some({ name, state }) {
  const [runs, again] = useAnswer(`/api/runs${queryText({ state })}`, ['runs']);
  return _jsxs('section', {
    children: [
      _jsx('h4', { children: name }),
      _jsx(Answered, {
        answer: runs,
        what: 'the ledger',
        again: again,
        children: ({ runs: found }) =>
          found.length === 0
            ? _jsx(Nothing, { children: 'None.' })
            : _jsx('ul', {
                class: 'lines',
                children: found.slice(0, MOST_SHOWN).map(({ run, file, changed, state: itsState, error }) =>
                  _jsxs(
                    'li',
                    {
                      children: [
                        _jsx('a', { href: hrefOf('runs', { id: run }), children: _jsx(Outside, { text: file }) }),
                        _jsx(StateBadge, { state: itsState }),
                        ' ',
                        _jsx(When, { time: changed }),
                        error !== null && _jsx('p', { class: 'small quiet', children: _jsx(Outside, { text: error }) }),
                      ],
                    },
                    run,
                  ),
                ),
              }),
      }),
    ],
  });
}
