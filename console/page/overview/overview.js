import { useContext } from 'preact/hooks';
import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { Answered } from '../parts/answered.tsx';
import { queryText } from '../route.ts';
import { StatusContext } from '../status.ts';
import { useAnswer } from '../useAnswer.ts';
import { replaceQuery } from '../useRoute.ts';
import { Alarms } from './alarms.tsx';
import { Groups } from './groups.tsx';
import { Running } from './running.tsx';
import { Verdict } from './verdict.tsx';

const SPANS = ['1', '7', '15', '30'];
const USUAL_SPAN = '15';
/** The answer first: does the model still behave, and what to do if not. Then the dashboard. */
export function OverviewPage({ route }) {
  const { data: status, problem } = useContext(StatusContext);
  const days = SPANS.find((span) => span === route.query['days']) ?? USUAL_SPAN;
  const [panels, again] = useAnswer(`/api/panels${queryText({ days })}`, ['metrics', 'runs']);
  return _jsxs(_Fragment, {
    children: [
      _jsx('h1', { tabIndex: -1, class: 'visually-hidden', children: 'Overview' }),
      status === null &&
        problem === null &&
        _jsx('p', { class: 'waiting', role: 'status', children: 'Reading the verdict\u2026' }),
      status !== null &&
        _jsxs(_Fragment, {
          children: [
            _jsx(Verdict, { status: status }),
            _jsxs('div', {
              class: status.alarms.some(({ state }) => state === 'ALARM') ? 'columns stacked' : 'columns',
              children: [_jsx(Alarms, { alarms: status.alarms }), _jsx(Running, { running: status.running })],
            }),
          ],
        }),
      _jsx(Answered, {
        answer: panels,
        what: 'the dashboard',
        again: again,
        children: (shown) =>
          _jsx(Groups, {
            panels: shown,
            span: _jsxs('label', {
              class: 'span',
              children: [
                'Show',
                ' ',
                _jsx('select', {
                  value: days,
                  onChange: (event) => replaceQuery(route, { days: event.currentTarget.value }),
                  children: SPANS.map((span) =>
                    _jsx(
                      'option',
                      { value: span, children: span === '1' ? 'the last day' : `the last ${span} days` },
                      span,
                    ),
                  ),
                }),
              ],
            }),
          }),
      }),
    ],
  });
}
