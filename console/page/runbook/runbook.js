import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { Card } from '../models/card.tsx';
import { Answered, Nothing } from '../parts/answered.tsx';
import { hrefOf } from '../route.ts';
import { useAnswer } from '../useAnswer.ts';
/** What to do about an alarm: one section of the runbook, or all of them. */
export function RunbookPage({ route: { id } }) {
  const [runbook, again] = useAnswer('/api/runbook', []);
  return _jsxs(_Fragment, {
    children: [
      _jsx('h1', { tabIndex: -1, children: 'Runbook' }),
      _jsx(Answered, {
        answer: runbook,
        what: 'the runbook',
        again: again,
        children: ({ sections }) => {
          const shown = id === null ? sections : sections.filter((section) => section.id === id);
          return _jsxs(_Fragment, {
            children: [
              _jsxs('p', {
                class: 'lead',
                children: [
                  'What to do about each alarm.',
                  ' ',
                  id !== null &&
                    _jsxs('a', { href: hrefOf('runbook'), children: ['Show all ', sections.length, ' sections'] }),
                ],
              }),
              shown.length === 0 && _jsx(Nothing, { children: 'It has no section of this name.' }),
              shown.map(({ id: name, title, meaning, firstStep, text }) =>
                _jsxs(
                  'section',
                  {
                    class: 'card',
                    children: [
                      _jsx('h2', { children: title }),
                      _jsx('p', { children: meaning }),
                      _jsxs('p', { children: [_jsx('b', { children: 'First:' }), ' ', firstStep] }),
                      _jsx(Card, { blocks: text }),
                    ],
                  },
                  name,
                ),
              ),
            ],
          });
        },
      }),
    ],
  });
}
