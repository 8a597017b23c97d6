import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { Nothing } from '../parts/answered.tsx';
import { Outside } from '../parts/outside.tsx';
import { StateBadge } from '../parts/stateBadge.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf } from '../route.ts';
import { Progress } from '../runs/progress.tsx';

const MOST_SHOWN = 8;
/** What is on its way now. */
export function Running({ running }) {
  return _jsxs('section', {
    class: 'card running',
    'aria-labelledby': 'running',
    children: [
      _jsx('h2', { id: 'running', children: 'Running now' }),
      running.length === 0
        ? _jsxs(Nothing, {
            children: ['Nothing is on its way. ', _jsx('a', { href: hrefOf('runs'), children: 'See what has ended.' })],
          })
        : _jsx('ul', {
            children: running.slice(0, MOST_SHOWN).map((run) =>
              _jsxs(
                'li',
                {
                  children: [
                    _jsxs('p', {
                      children: [
                        _jsx('a', {
                          href: hrefOf('runs', { id: run.run }),
                          children: _jsx(Outside, { text: run.file }),
                        }),
                        ' ',
                        _jsx(StateBadge, { state: run.state }),
                      ],
                    }),
                    _jsx(Progress, { run: run }),
                    _jsxs('p', {
                      class: 'small quiet',
                      children: [
                        'Since ',
                        _jsx(When, { time: run.claimedAt }),
                        run.attempt > 1 && `, attempt ${run.attempt}`,
                      ],
                    }),
                  ],
                },
                run.run,
              ),
            ),
          }),
      running.length > MOST_SHOWN &&
        _jsxs('p', { class: 'small', children: ['and ', running.length - MOST_SHOWN, ' more'] }),
    ],
  });
}
