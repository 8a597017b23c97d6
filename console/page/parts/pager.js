import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
/** Steps through pages, counted from 1; nothing where there is one page only. */
export function Pager({ page, pages, href }) {
  if (pages <= 1) return null;
  return _jsxs('nav', {
    class: 'pager',
    'aria-label': 'Pages',
    children: [
      page > 1
        ? _jsx('a', { class: 'button', href: href(page - 1), rel: 'prev', children: '\u2190 Previous' })
        : _jsx('span', {}),
      _jsxs('span', { children: ['Page ', page, ' of ', pages] }),
      page < pages
        ? _jsx('a', { class: 'button', href: href(page + 1), rel: 'next', children: 'Next \u2192' })
        : _jsx('span', {}),
    ],
  });
}
