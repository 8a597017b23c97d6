import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { outsideLines, outsideText } from '../outsideText.ts';
import { Scroller } from '../parts/numbersTable.tsx';
/** A model card: it came from outside, so its Markdown becomes elements, and its HTML stays text. */
export function Card({ blocks }) {
  return _jsx('div', { class: 'model-card', children: _jsx(Blocks, { blocks: blocks }) });
}
function Blocks({ blocks }) {
  return _jsx(_Fragment, { children: blocks.map((block, i) => _jsx(OneBlock, { block: block }, i)) });
}
/** The card stands below a heading of the second level. */
const HEADINGS = ['h3', 'h4', 'h5', 'h6', 'h6', 'h6'];
function OneBlock({ block }) {
  switch (block.kind) {
    case 'heading': {
      const Heading = HEADINGS[block.level - 1] ?? 'h6';
      return _jsx(Heading, { children: _jsx(Line, { line: block.line }) });
    }
    case 'paragraph':
      return _jsx('p', { children: _jsx(Line, { line: block.line }) });
    case 'code':
      return _jsx('pre', { children: outsideLines(block.text) });
    case 'list': {
      const List = block.isNumbered ? 'ol' : 'ul';
      return _jsx(List, {
        children: block.items.map((item, i) => _jsx('li', { children: _jsx(Blocks, { blocks: item }) }, i)),
      });
    }
    case 'quote':
      return _jsx('blockquote', { children: _jsx(Blocks, { blocks: block.blocks }) });
    case 'table':
      return _jsx(Table, { block: block });
    case 'rule':
      return _jsx('hr', {});
  }
}
function Table({ block: { head, rows } }) {
  const isHeaded = head.some((cell) => cell.length > 0);
  return _jsx(Scroller, {
    label: 'Table of the model card',
    children: _jsxs('table', {
      children: [
        isHeaded &&
          _jsx('thead', {
            children: _jsx('tr', {
              children: head.map((cell, i) => _jsx('th', { scope: 'col', children: _jsx(Line, { line: cell }) }, i)),
            }),
          }),
        _jsx('tbody', {
          children: rows.map(([first = [], ...rest], i) =>
            _jsxs(
              'tr',
              {
                children: [
                  _jsx('th', { scope: 'row', children: _jsx(Line, { line: first }) }),
                  rest.map((cell, j) => _jsx('td', { children: _jsx(Line, { line: cell }) }, j)),
                ],
              },
              i,
            ),
          ),
        }),
      ],
    }),
  });
}
function Line({ line }) {
  return _jsx(_Fragment, {
    children: line.map((part, i) => ('href' in part ? _jsx(Link, { ...part }, i) : _jsx(Look, { words: part }, i))),
  });
}
function Link({ href, line }) {
  return _jsx('a', { href: href, rel: 'noreferrer external', children: _jsx(Line, { line: line }) });
}
function Look({ words: { text, isCode, isBold, isItalic } }) {
  let shown = _jsx(_Fragment, { children: outsideText(text) });
  if (isCode) shown = _jsx('code', { children: shown });
  if (isItalic) shown = _jsx('em', { children: shown });
  return isBold ? _jsx('b', { children: shown }) : shown;
}
