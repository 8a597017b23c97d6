import { useMemo } from 'preact/hooks';
import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { driftChart, driftChartMeaning } from '../../../charts/drift.ts';
import { percent } from '../../../charts/units.ts';
import { count, distance, NONE, orNone } from '../format.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Chart } from '../parts/chart.tsx';
import { DriftNumbers } from '../parts/driftNumbers.tsx';
import { Scroller } from '../parts/numbersTable.tsx';
import { Outside } from '../parts/outside.tsx';
import { SharesFigure } from '../parts/sharesFigure.tsx';
import { VerdictBadge } from '../parts/verdictBadge.tsx';
import { queryText } from '../route.ts';
import { useAnswer } from '../useAnswer.ts';
import { replaceQuery } from '../useRoute.ts';
import { verdictWords } from '../verdict.ts';

const SPANS = ['15', '30', '90'];
const USUAL_SPAN = '30';
/** The reference against what came lately, and day by day. */
export function DriftPage({ route }) {
  const days = SPANS.find((span) => span === route.query['days']) ?? USUAL_SPAN;
  const [drift, again] = useAnswer(`/api/drift${queryText({ days })}`, ['metrics', 'runs']);
  return _jsxs(_Fragment, {
    children: [
      _jsx('h1', { tabIndex: -1, children: 'Drift' }),
      _jsx(Answered, {
        answer: drift,
        what: 'the drift',
        again: again,
        children: (shown) =>
          _jsxs(_Fragment, {
            children: [
              _jsx(Lately, { drift: shown }),
              _jsxs('div', {
                class: 'group-head',
                children: [
                  _jsx('h2', { children: 'Day by day' }),
                  _jsxs('label', {
                    class: 'span',
                    children: [
                      'Show',
                      ' ',
                      _jsx('select', {
                        value: days,
                        onChange: (event) => replaceQuery(route, { days: event.currentTarget.value }),
                        children: SPANS.map((span) =>
                          _jsx('option', { value: span, children: `the last ${span} days` }, span),
                        ),
                      }),
                    ],
                  }),
                ],
              }),
              _jsx(Days, { drift: shown }),
            ],
          }),
      }),
    ],
  });
}
function Lately({ drift: { recent, threshold } }) {
  const { sentence, next } = verdictWords(recent, threshold);
  return _jsxs(_Fragment, {
    children: [
      _jsxs('p', { class: 'lead', role: 'status', children: [sentence, ' ', next] }),
      recent?.drift &&
        _jsxs('div', {
          class: 'grid pairs',
          children: [
            _jsx(SharesFigure, {
              title: 'Class shares lately',
              meaning: `The ${count(recent.n)} newest predictions beside the reference. The longer a difference, the more it adds to the drift.`,
              classes: recent.classes,
            }),
            _jsx(DriftNumbers, { drift: recent.drift, threshold: threshold }),
          ],
        }),
    ],
  });
}
function Days({ drift: { days, threshold } }) {
  const drawn = useMemo(() => ({ days, threshold }), [days, threshold]);
  if (days.length === 0)
    return _jsx(Nothing, {
      children: 'No day has been judged yet. The daily sweep judges a UTC day after it has closed.',
    });
  return _jsxs(_Fragment, {
    children: [
      _jsxs('figure', {
        class: 'panel card',
        children: [
          _jsx('h3', { children: 'Drift of each day' }),
          _jsx(Chart, {
            data: drawn,
            draw: (shown, width) => driftChart(shown.days, { threshold: shown.threshold, width, height: 240 }),
            reading: readingOf(drawn),
          }),
          _jsx('figcaption', { class: 'meaning', children: driftChartMeaning }),
        ],
      }),
      _jsx(Scroller, {
        label: 'Judged days',
        children: _jsxs('table', {
          class: 'days',
          children: [
            _jsx('caption', { class: 'visually-hidden', children: 'Judged days, the newest first' }),
            _jsx('thead', {
              children: _jsxs('tr', {
                children: [
                  _jsx('th', { scope: 'col', children: 'Day' }),
                  _jsx('th', { scope: 'col', children: 'Verdict' }),
                  _jsx('th', { scope: 'col', class: 'number', children: 'Drift' }),
                  _jsx('th', { scope: 'col', class: 'number', children: 'Noise floor' }),
                  _jsx('th', { scope: 'col', class: 'number', children: 'Predictions' }),
                  _jsx('th', { scope: 'col', class: 'number', children: 'Blank' }),
                  _jsx('th', { scope: 'col', class: 'number', children: 'Runs' }),
                  _jsx('th', { scope: 'col', children: 'Most common class' }),
                  _jsx('th', { scope: 'col', class: 'number', children: 'Mean probability' }),
                  _jsx('th', { scope: 'col', children: 'Version' }),
                  _jsx('th', { scope: 'col', children: 'Report' }),
                ],
              }),
            }),
            _jsx('tbody', {
              children: [...days].reverse().map((day) => _jsx(DayRow, { day: day }, `${day.day} ${day.model.version}`)),
            }),
          ],
        }),
      }),
    ],
  });
}
function DayRow({ day }) {
  const { drift, n, chips, blank, runs, mostCommonShare, meanProbability, model, classes, report } = day;
  const most = classes.find(({ share }) => share === mostCommonShare);
  return _jsxs('tr', {
    children: [
      _jsxs('th', {
        scope: 'row',
        children: [day.day, day.revision > 1 && _jsxs('small', { children: [' revision ', day.revision] })],
      }),
      _jsx('td', { children: drift === null ? NONE : _jsx(VerdictBadge, { verdict: drift.verdict }) }),
      _jsx('td', { class: 'number', children: drift === null ? NONE : distance(drift.jensenShannon) }),
      _jsx('td', { class: 'number', children: drift === null ? NONE : distance(drift.noiseFloor) }),
      _jsx('td', { class: 'number', children: count(n) }),
      _jsx('td', { class: 'number', children: chips === 0 ? NONE : percent(blank / chips) }),
      _jsx('td', { class: 'number', children: count(runs) }),
      _jsx('td', {
        children:
          most === undefined
            ? NONE
            : _jsxs(_Fragment, { children: [_jsx(Outside, { text: most.name }), ' ', percent(most.share)] }),
      }),
      _jsx('td', { class: 'number', children: orNone(meanProbability, percent) }),
      _jsx('td', { children: _jsx(Outside, { text: model.version }) }),
      _jsx('td', {
        children:
          report === null
            ? NONE
            : _jsx('a', {
                href: report,
                target: '_blank',
                rel: 'noopener',
                'aria-label': `report on ${day.day}, in a new tab`,
                children: 'report',
              }),
      }),
    ],
  });
}
function readingOf({ days, threshold }) {
  const each = days.map(
    ({ day, drift }) =>
      `${day} ${drift === null ? 'nothing predicted' : `${distance(drift.jensenShannon)}, ${drift.verdict}`}`,
  );
  return `Drift of each day, with the threshold ${threshold}: ${each.join('; ')}.`;
}
