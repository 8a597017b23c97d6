import { Fragment } from 'preact';
import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
/** Names and what they stand for. */
export function Facts({ facts }) {
  return _jsx('dl', {
    class: 'facts',
    children: facts.map(([name, value]) =>
      _jsxs(Fragment, { children: [_jsx('dt', { children: name }), _jsx('dd', { children: value })] }, name),
    ),
  });
}
