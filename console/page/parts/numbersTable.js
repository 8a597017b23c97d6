import { useState } from 'preact/hooks';
import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
/** The numbers behind a chart, as a table that is filled in when it is opened. */
export function NumbersTable({ title, head, rows }) {
  const [isOpen, setIsOpen] = useState(false);
  return _jsxs('details', {
    class: 'numbers',
    onToggle: (event) => setIsOpen(event.currentTarget.open),
    children: [
      _jsxs('summary', {
        children: ['Numbers', _jsxs('span', { class: 'visually-hidden', children: [' of ', title] })],
      }),
      isOpen &&
        _jsx(Scroller, {
          label: `Numbers of ${title}`,
          children: _jsxs('table', {
            children: [
              _jsx('thead', {
                children: _jsx('tr', {
                  children: head.map((name) => _jsx('th', { scope: 'col', children: name }, name)),
                }),
              }),
              _jsx('tbody', {
                children: rows().map(([first, ...rest], i) =>
                  _jsxs(
                    'tr',
                    {
                      children: [
                        _jsx('th', { scope: 'row', children: first }),
                        rest.map((cell, j) => _jsx('td', { children: cell }, j)),
                      ],
                    },
                    i,
                  ),
                ),
              }),
            ],
          }),
        }),
    ],
  });
}
/** What may be wider or longer than its place scrolls within it, by keyboard as well. */
export function Scroller({ label, children }) {
  return _jsx('section', { class: 'scroller', 'aria-label': label, tabIndex: 0, children: children });
}
