import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { counted } from '../format.ts';
import { outsideLines } from '../outsideText.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Outside } from '../parts/outside.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf } from '../route.ts';
import { useStatus } from '../status.ts';
import { useAnswer } from '../useAnswer.ts';
/** The e-mails that the alarms have written; on a laptop they are not sent, but lie here. */
export function OutboxPage({ route }) {
  const isThere = useStatus()?.outbox;
  return _jsxs(_Fragment, {
    children: [
      _jsx('h1', { tabIndex: -1, children: 'Outbox' }),
      isThere === false
        ? _jsx(Nothing, { children: 'In this stage e-mails are really sent, so none lies here.' })
        : _jsx(Emails, { chosen: route.id }),
    ],
  });
}
function Emails({ chosen }) {
  const [outbox, again] = useAnswer('/api/outbox', ['alarms']);
  return _jsx(Answered, {
    answer: outbox,
    what: 'the outbox',
    again: again,
    children: ({ emails }) => {
      const shown = emails.find(({ id }) => id === chosen) ?? emails[0];
      if (shown === undefined)
        return _jsx(Nothing, {
          children: 'No e-mail yet. An alarm that turns red writes one, and most write another when it is over.',
        });
      return _jsxs(_Fragment, {
        children: [
          _jsxs('p', {
            class: 'lead',
            children: [
              counted(emails.length, 'e-mail'),
              ", the newest first. On this machine they are not sent but lie in the data folder's outbox.",
            ],
          }),
          _jsxs('div', {
            class: 'outbox',
            children: [_jsx(EmailList, { emails: emails, shown: shown }), _jsx(OneEmail, { email: shown })],
          }),
        ],
      });
    },
  });
}
function EmailList({ emails, shown }) {
  return _jsx('nav', {
    class: 'emails',
    'aria-label': 'E-mails',
    children: _jsx('ul', {
      children: emails.map(({ id, subject, time }) =>
        _jsx(
          'li',
          {
            children: _jsxs('a', {
              href: hrefOf('outbox', { id }),
              'aria-current': id === shown.id ? 'true' : undefined,
              children: [_jsx(Outside, { text: subject }), _jsx(When, { time: time })],
            }),
          },
          id,
        ),
      ),
    }),
  });
}
function OneEmail({ email: { subject, to, time, text } }) {
  return _jsxs('article', {
    class: 'card email',
    children: [
      _jsx('h2', { children: _jsx(Outside, { text: subject }) }),
      _jsxs('p', {
        class: 'small quiet',
        children: ['To ', _jsx(Outside, { text: to }), ', ', _jsx(When, { time: time })],
      }),
      _jsx('pre', { children: outsideLines(text) }),
    ],
  });
}
