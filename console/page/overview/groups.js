import { useMemo } from 'preact/hooks';
import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { Nothing } from '../parts/answered.tsx';
import { PanelFigure } from '../parts/panelFigure.tsx';
import { LedgerPanel } from './ledger.tsx';
/** The dashboard's groups: the first one open, for the answer; the details closed below it. */
export function Groups({ panels: { groups, ...drawn }, span }) {
  const [first, ...details] = groups;
  if (first === undefined) return _jsx(Nothing, { children: 'The dashboard has no panels.' });
  return _jsxs(_Fragment, {
    children: [
      _jsxs('section', {
        children: [
          _jsxs('div', { class: 'group-head', children: [_jsx('h2', { children: first.title }), span] }),
          _jsx(Grid, { panels: first.panels, drawn: drawn, isAnswer: true }),
        ],
      }),
      details.map(({ title, panels }) =>
        _jsxs(
          'details',
          {
            class: 'group',
            children: [
              _jsx('summary', { children: _jsx('h2', { children: title }) }),
              _jsx(Grid, { panels: panels, drawn: drawn }),
            ],
          },
          title,
        ),
      ),
    ],
  });
}
function Grid({ panels, drawn, isAnswer = false }) {
  return _jsx('div', {
    class: isAnswer ? 'grid answer' : 'grid',
    children: panels.map((shown) => _jsx(OnePanel, { shown: shown, drawn: drawn }, shown.panel.id)),
  });
}
function OnePanel({ shown: { panel, lines, problem }, drawn: { from, to, versions } }) {
  // Plot draws anew only what has changed.
  const data = useMemo(
    () => (panel.kind === 'lines' || panel.kind === 'bars' ? { panel, lines, from, to, versions } : null),
    [panel, lines, from, to, versions],
  );
  if (data !== null) return _jsx(PanelFigure, { drawn: data, problem: problem });
  // The verdict and the alarms stand at the top of the page already.
  return panel.kind === 'ledger' ? _jsx(LedgerPanel, { title: panel.title, meaning: panel.meaning }) : null;
}
