import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { percent } from '../../../charts/units.ts';
import { count, counted, orNone } from '../format.ts';
import { ScoreBar } from '../parts/driftNumbers.tsx';
import { Icon } from '../parts/icon.tsx';
import { KeyFigures } from '../parts/keyFigures.tsx';
import { Outside } from '../parts/outside.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf } from '../route.ts';
import { verdictWords } from '../verdict.ts';
/** Whether the model behaves, in a sentence, a bar and a few numbers. */
export function Verdict({ status: { recent, threshold, model, alarms } }) {
  const red = alarms.filter(({ state }) => state === 'ALARM').length;
  const { tone, sentence, numbers, next } = verdictWords(recent, threshold, red);
  return _jsxs('section', {
    class: `verdict card ${tone}`,
    'aria-label': 'Verdict',
    children: [
      _jsx(Icon, { name: tone }),
      _jsxs('div', {
        class: 'words',
        children: [
          _jsx('div', { role: 'status', children: _jsx('h2', { children: sentence }) }),
          numbers !== null && _jsx('p', { children: numbers }),
          _jsx('p', { class: 'next', children: next }),
          tone === 'bad' &&
            _jsxs('p', {
              class: 'ways',
              children: [
                _jsx('a', { href: hrefOf('drift'), children: 'Compare the shares' }),
                ' ',
                _jsx('a', { href: hrefOf('chips'), children: 'Look at the chips' }),
                ' ',
                _jsx('a', {
                  href: hrefOf('runs', { query: { sort: 'drift', descending: 'true' } }),
                  children: 'Runs that drift most',
                }),
              ],
            }),
          _jsx('p', {
            class: 'model',
            children:
              model === null
                ? 'No model version is promoted, so new files fail. Promote one.'
                : _jsxs(_Fragment, {
                    children: [
                      _jsx(Outside, { text: model.name }),
                      ' ',
                      model.version,
                      ' is live',
                      model.promotedAt !== null &&
                        _jsxs(_Fragment, { children: [' ', 'since ', _jsx(When, { time: model.promotedAt })] }),
                      '.',
                    ],
                  }),
          }),
        ],
      }),
      recent?.drift &&
        _jsx('div', { class: 'score', children: _jsx(ScoreBar, { drift: recent.drift, threshold: threshold }) }),
      recent !== null && _jsx(KeyFigures, { figures: figuresOf(recent) }),
    ],
  });
}
function figuresOf({ n, runs, chips, blank, mostCommonShare, meanProbability, missingShare, classes }) {
  const mostCommon = classes.reduce((most, next) => (most === null || next.count > most.count ? next : most), null);
  const figures = [
    { name: 'Predictions', value: count(n), note: `of the newest ${counted(runs, 'run')}` },
    {
      name: 'Blank chips',
      value: chips === 0 ? percent(0) : percent(blank / chips),
      note: `${count(blank)} of ${count(chips)}`,
    },
    {
      name: 'Most common class',
      value: orNone(mostCommonShare, percent),
      note: mostCommon === null || n === 0 ? undefined : _jsx(Outside, { text: mostCommon.name }),
    },
    { name: 'Mean probability', value: orNone(meanProbability, percent), note: 'of the predicted class' },
    { name: 'Missing values', value: orNone(missingShare, percent), note: 'of the classified chips' },
  ];
  return figures;
}
