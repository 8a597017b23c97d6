import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { counted } from '../format.ts';
import { Nothing } from '../parts/answered.tsx';
import { Icon } from '../parts/icon.tsx';
import { Outside } from '../parts/outside.tsx';
import { AlarmBadge } from '../parts/stateBadge.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf } from '../route.ts';
/** The alarms that ask for something, each with what to do; the others in a list that opens. */
export function Alarms({ alarms }) {
  const red = alarms.filter(({ state }) => state === 'ALARM');
  const others = alarms.filter(({ state }) => state !== 'ALARM');
  return _jsxs('section', {
    class: 'card alarms',
    'aria-labelledby': 'alarms',
    children: [
      _jsx('h2', { id: 'alarms', children: 'Alarms' }),
      alarms.length === 0 && _jsx(Nothing, { children: 'No alarm is switched on.' }),
      red.length > 0 &&
        _jsx('div', { class: 'red-alarms', children: red.map((alarm) => _jsx(RedAlarm, { alarm: alarm }, alarm.id)) }),
      others.length > 0 &&
        _jsxs('details', {
          children: [
            _jsx('summary', {
              children: _jsxs('span', {
                class: red.length === 0 ? 'calm' : undefined,
                children: [red.length === 0 && _jsx(Icon, { name: 'good' }), summaryOf(red.length, others)],
              }),
            }),
            _jsx('ul', {
              class: 'quiet-alarms',
              children: others.map(({ id, state, title, meaning, since, reason }) =>
                _jsxs(
                  'li',
                  {
                    children: [
                      _jsxs('p', {
                        children: [_jsx(AlarmBadge, { state: state }), ' ', _jsx('b', { children: title })],
                      }),
                      _jsx('p', { class: 'small', children: meaning }),
                      _jsxs('p', {
                        class: 'small quiet',
                        children: ['Since ', _jsx(When, { time: since }), '. ', _jsx(Outside, { text: reason })],
                      }),
                    ],
                  },
                  id,
                ),
              ),
            }),
          ],
        }),
    ],
  });
}
function RedAlarm({ alarm: { id, state, title, meaning, firstStep, runbook, since, reason } }) {
  return _jsxs('article', {
    class: 'red-alarm',
    children: [
      _jsxs('h3', { children: [_jsx(AlarmBadge, { state: state }), ' ', title] }),
      _jsx('p', { children: meaning }),
      _jsxs('p', { children: [_jsx('b', { children: 'First:' }), ' ', firstStep] }),
      _jsxs('p', {
        class: 'small quiet',
        children: [
          'Since ',
          _jsx(When, { time: since }),
          '. ',
          _jsx(Outside, { text: reason }),
          ' Runbook:',
          ' ',
          _jsx('a', { href: hrefOf('runbook', { id }), children: runbook }),
        ],
      }),
    ],
  });
}
function summaryOf(red, others) {
  const unknown = others.filter(({ state }) => state === 'INSUFFICIENT_DATA').length;
  const all =
    red === 0
      ? `None of the ${counted(others.length, 'alarm')} is red`
      : `${counted(others.length, 'other alarm')} not red`;
  return unknown === 0 ? `${all}.` : `${all}; ${unknown} without data yet.`;
}
