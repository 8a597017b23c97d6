import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { outsideText } from '../outsideText.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Icon } from '../parts/icon.tsx';
import { Outside } from '../parts/outside.tsx';
import { useAnswer } from '../useAnswer.ts';
import { Card } from './card.tsx';
/** The versions of the model, the live one first. */
export function ModelsPage() {
  const [models, again] = useAnswer('/api/models', ['runs', 'metrics']);
  return _jsxs(_Fragment, {
    children: [
      _jsx('h1', { tabIndex: -1, children: 'Models' }),
      _jsx(Answered, {
        answer: models,
        what: 'the models',
        again: again,
        children: ({ name, versions }) =>
          _jsxs(_Fragment, {
            children: [
              _jsxs('p', {
                class: 'lead',
                children: [
                  'The versions of ',
                  _jsx(Outside, { text: name }),
                  ' in the model bucket. A version never changes; which one is live does.',
                ],
              }),
              versions.length === 0 &&
                _jsx(Nothing, {
                  children: 'There is no version yet. The README tells how to publish and promote one.',
                }),
              [...versions]
                .sort((a, b) => Number(b.isLive) - Number(a.isLive))
                .map((version) => _jsx(Version, { version: version }, version.version)),
            ],
          }),
      }),
    ],
  });
}
function Version({ version: { version, isLive, title, card, classes, bands, problem } }) {
  return _jsxs('article', {
    class: 'card model-version',
    children: [
      _jsxs('h2', {
        children: [
          _jsx(Outside, { text: version }),
          ' ',
          isLive
            ? _jsxs('span', { class: 'badge good', children: [_jsx(Icon, { name: 'good' }), 'live'] })
            : _jsx('span', { class: 'badge quiet', children: 'not live' }),
        ],
      }),
      title !== '' && _jsx('p', { children: _jsx(Outside, { text: title }) }),
      problem !== null &&
        _jsx('div', {
          class: 'notice bad',
          children: _jsxs('p', { children: ['It cannot run: ', _jsx(Outside, { text: problem })] }),
        }),
      _jsxs('dl', {
        class: 'facts',
        children: [
          _jsxs('div', {
            children: [_jsx('dt', { children: 'Classes' }), _jsx('dd', { children: _jsx(Names, { names: classes }) })],
          }),
          _jsxs('div', {
            children: [_jsx('dt', { children: 'Bands' }), _jsx('dd', { children: _jsx(Names, { names: bands }) })],
          }),
        ],
      }),
      card === null
        ? _jsx(Nothing, { children: 'It has no model card.' })
        : _jsxs('details', {
            open: isLive,
            children: [_jsx('summary', { children: 'Model card' }), _jsx(Card, { blocks: card })],
          }),
    ],
  });
}
function Names({ names }) {
  if (names.length === 0) return _jsx('span', { class: 'quiet', children: 'not known' });
  return _jsx('ul', {
    class: 'names',
    children: names.map((name) => _jsx('li', { children: outsideText(name) }, name)),
  });
}
