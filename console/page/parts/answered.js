import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { outsideText } from '../outsideText.ts';
/**
 * What was asked for, or in words why it is not there: not yet, or not at all. Where asking again has failed, what was
 * there stays, and the failure stands above it.
 */
export function Answered({ answer: { data, problem, isOld }, what, again, children }) {
  return _jsxs(_Fragment, {
    children: [
      problem !== null &&
        _jsxs('div', {
          class: 'notice bad',
          role: 'alert',
          children: [
            _jsxs('p', { children: ['Reading ', what, ' has failed: ', outsideText(problem)] }),
            _jsx('button', { type: 'button', onClick: again, children: 'Ask again' }),
          ],
        }),
      data === null
        ? problem === null && _jsxs('p', { class: 'waiting', role: 'status', children: ['Reading ', what, '\u2026'] })
        : _jsx('div', { class: isOld ? 'old' : undefined, 'aria-busy': isOld, children: children(data) }),
    ],
  });
}
/** That there is nothing, and what would make something appear. */
export function Nothing({ children }) {
  return _jsx('p', { class: 'nothing', children: children });
}
