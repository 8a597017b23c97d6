import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
/** A row of key numbers. */
export function KeyFigures({ figures }) {
  return _jsx('dl', {
    class: 'key-figures',
    children: figures.map(({ name, value, note }) =>
      _jsxs(
        'div',
        {
          children: [
            _jsx('dt', { children: name }),
            _jsxs('dd', {
              children: [_jsx('b', { children: value }), note !== undefined && _jsx('span', { children: note })],
            }),
          ],
        },
        name,
      ),
    ),
  });
}
