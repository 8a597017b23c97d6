import { useState } from 'preact/hooks';
import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { percent } from '../../../charts/units.ts';
import { count, counted, orNone } from '../format.ts';
import { outsideText } from '../outsideText.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Icon } from '../parts/icon.tsx';
import { Outside } from '../parts/outside.tsx';
import { Pager } from '../parts/pager.tsx';
import { hrefOf, queryText } from '../route.ts';
import { useAnswer } from '../useAnswer.ts';
import { replaceQuery } from '../useRoute.ts';
/** The chips themselves, the least certain first: what the model saw, what it said, and whether that was right. */
export function ChipsPage({ route }) {
  const { run = '', order = '', class: chosen = '', page = '' } = route.query;
  const [chips, again] = useAnswer(`/api/chips${queryText({ run, order, class: chosen, page })}`, ['runs']);
  const filtered = (change) => ({ run, order, class: chosen, ...change });
  const classes = chips.data?.classes ?? [];
  return _jsxs(_Fragment, {
    children: [
      _jsx('h1', { tabIndex: -1, children: 'Chips' }),
      _jsx('p', {
        class: 'lead',
        children:
          run === ''
            ? 'The classified chips of the newest runs.'
            : _jsxs(_Fragment, {
                children: [
                  'The chips of ',
                  _jsx('a', { href: hrefOf('runs', { id: run }), children: 'one run' }),
                  '.',
                  ' ',
                  _jsx('a', { href: hrefOf('chips'), children: "Show the newest runs' instead" }),
                ],
              }),
      }),
      _jsxs('search', {
        class: 'filters',
        children: [
          _jsxs('label', {
            children: [
              _jsx('span', { children: 'Class' }),
              _jsxs('select', {
                value: chosen,
                onChange: (event) => replaceQuery(route, filtered({ class: event.currentTarget.value })),
                children: [
                  _jsx('option', { value: '', children: 'all classes' }),
                  (classes.includes(chosen) || chosen === '' ? classes : [chosen, ...classes]).map((name) =>
                    _jsx('option', { value: name, children: outsideText(name) }, name),
                  ),
                ],
              }),
            ],
          }),
          _jsxs('label', {
            children: [
              _jsx('span', { children: 'Order' }),
              _jsxs('select', {
                value: order === 'certain' ? 'certain' : 'uncertain',
                onChange: (event) => replaceQuery(route, filtered({ order: event.currentTarget.value })),
                children: [
                  _jsx('option', { value: 'uncertain', children: 'least certain first' }),
                  _jsx('option', { value: 'certain', children: 'most certain first' }),
                ],
              }),
            ],
          }),
        ],
      }),
      _jsx(Answered, {
        answer: chips,
        what: 'the chips',
        again: again,
        children: ({ chips: found, total, isMore, page: shown, pages }) =>
          _jsxs(_Fragment, {
            children: [
              _jsxs('p', {
                role: 'status',
                class: 'small quiet',
                children: [
                  counted(total, 'chip'),
                  isMore && ', of the newest runs that were looked at',
                  '. Brightness is stretched for each picture.',
                ],
              }),
              found.length === 0
                ? _jsx(Nothing, {
                    children:
                      chosen === ''
                        ? run === ''
                          ? 'No chip is classified yet. They appear here as soon as a run is done.'
                          : 'No chip of this run is classified: its own page says what became of it.'
                        : _jsxs(_Fragment, {
                            children: [
                              'No chip is of this class.',
                              ' ',
                              _jsx('a', {
                                href: hrefOf('chips', { query: filtered({ class: '' }) }),
                                children: 'Show all classes',
                              }),
                            ],
                          }),
                  })
                : _jsx('ul', {
                    class: 'chips',
                    children: found.map((chip) =>
                      _jsx('li', { children: _jsx(ChipCard, { chip: chip }) }, `${chip.run}/${chip.index}`),
                    ),
                  }),
              _jsx(Pager, {
                page: shown,
                pages: pages,
                href: (to) => hrefOf('chips', { query: { ...filtered({}), page: String(to) } }),
              }),
            ],
          }),
      }),
    ],
  });
}
function ChipCard({ chip }) {
  const { class: predicted, probability, truth, file, index, run, alike } = chip;
  const name = predicted === null ? 'no class' : outsideText(predicted);
  return _jsxs('figure', {
    class: 'chip',
    children: [
      _jsx(Thumbnail, {
        src: chip.image,
        text: predicted === null ? 'Chip without a class' : `Chip: ${name}, ${orNone(probability, percent)}`,
      }),
      _jsxs('figcaption', {
        children: [
          _jsxs('p', { children: [_jsx('b', { children: name }), ' ', orNone(probability, percent)] }),
          probability !== null &&
            _jsx('meter', {
              class: 'certainty',
              min: 0,
              max: 1,
              value: probability,
              'aria-label': 'Probability',
              children: percent(probability),
            }),
          _jsx(Truth, { predicted: predicted, truth: truth }),
          _jsxs('p', {
            class: 'origin small',
            children: [
              _jsx('a', {
                href: hrefOf('runs', { id: run }),
                title: outsideText(file),
                children: _jsx(Outside, { text: file.slice(file.lastIndexOf('/') + 1) }),
              }),
              ' ',
              _jsxs('span', { class: 'quiet', children: ['#', index] }),
            ],
          }),
          alike > 0 &&
            _jsxs('p', {
              class: 'small quiet',
              title: 'Predicted the very same, to the last digit: the same picture, as a rule',
              children: ['and ', count(alike), ' more like it'],
            }),
        ],
      }),
    ],
  });
}
/** Right or wrong, told by a word and a mark; nothing where the file brought no truth. */
function Truth({ predicted, truth }) {
  if (truth === null) return null;
  const isRight = predicted === truth;
  return _jsxs('p', {
    class: `truth ${isRight ? 'good' : 'bad'}`,
    children: [
      _jsx(Icon, { name: isRight ? 'good' : 'wrong' }),
      isRight ? 'right' : _jsxs(_Fragment, { children: ['wrong: it is ', outsideText(truth)] }),
    ],
  });
}
/** A chip's picture, each pixel as it is; or that there is none, when the file is gone from the inbox. */
function Thumbnail({ src, text }) {
  const [isGone, setIsGone] = useState(false);
  if (isGone) return _jsx('p', { class: 'no-picture', children: 'No picture: its file cannot be read any more.' });
  return _jsx('img', { src: src, alt: text, loading: 'lazy', decoding: 'async', onError: () => setIsGone(true) });
}
