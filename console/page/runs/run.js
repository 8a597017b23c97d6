import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { stepsChart } from '../../../charts/steps.ts';
import { duration } from '../../../charts/units.ts';
import { bytes, count, orNone } from '../format.ts';
import { outsideText } from '../outsideText.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Chart } from '../parts/chart.tsx';
import { DriftNumbers } from '../parts/driftNumbers.tsx';
import { Facts } from '../parts/facts.tsx';
import { NumbersTable } from '../parts/numbersTable.tsx';
import { Outside } from '../parts/outside.tsx';
import { SharesFigure } from '../parts/sharesFigure.tsx';
import { StateBadge } from '../parts/stateBadge.tsx';
import { VerdictBadge } from '../parts/verdictBadge.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf } from '../route.ts';
import { useStatus } from '../status.ts';
import { useAnswer, useRepeat } from '../useAnswer.ts';
import { Progress } from './progress.tsx';
import { Retry } from './retry.tsx';
import { stepTimes } from './stepTimes.ts';
/** The whole story of one run. */
export function RunPage({ run }) {
  const [answer, again] = useAnswer(`/api/runs/${encodeURIComponent(run)}`, ['runs']);
  useRepeat(again, isRunning(answer.data));
  return _jsxs(_Fragment, {
    children: [
      _jsx('p', { class: 'crumbs', children: _jsx('a', { href: hrefOf('runs'), children: 'Runs' }) }),
      _jsx('h1', { tabIndex: -1, children: _jsx(Outside, { text: answer.data?.summary.file ?? `Run ${run}` }) }),
      _jsx(Answered, {
        answer: answer,
        what: 'the run',
        again: again,
        children: (shown) => _jsx(Story, { shown: shown, again: again }),
      }),
    ],
  });
}
function isRunning(run) {
  return run !== null && run.summary.progress !== null;
}
function Story({ shown, again }) {
  const threshold = useStatus()?.threshold ?? null;
  const { summary, row, numbers, canRetry } = shown;
  return _jsxs(_Fragment, {
    children: [
      _jsxs('div', {
        class: 'run-head',
        children: [
          _jsx('span', { role: 'status', children: _jsx(StateBadge, { state: row.state }) }),
          _jsx(VerdictBadge, { verdict: summary.verdict }),
          canRetry && _jsx(Retry, { run: summary, onRetried: again }),
          row.state === 'DONE' &&
            _jsx('a', { class: 'button', href: hrefOf('chips', { query: { run: row.run } }), children: 'Its chips' }),
        ],
      }),
      _jsx(Trouble, { run: shown }),
      _jsx(Progress, { run: summary }),
      _jsxs('div', {
        class: 'grid pairs',
        children: [
          numbers !== null &&
            numbers.n > 0 &&
            _jsx(SharesFigure, {
              title: 'Class shares',
              meaning: 'What was predicted for this file, beside the reference that drift is measured against.',
              classes: numbers.classes,
            }),
          row.drift && _jsx(DriftNumbers, { drift: row.drift, threshold: threshold }),
          _jsx(FileFacts, { run: shown }),
          _jsx(Times, { times: stepTimes(row) }),
        ],
      }),
    ],
  });
}
/** What went wrong, where, and the way out. */
function Trouble({ run: { row, wayOut } }) {
  const { error, duplicateOf, prefix, state } = row;
  if (state === 'DUPLICATE' && duplicateOf !== undefined)
    return _jsx('div', {
      class: 'notice',
      children: _jsxs('p', {
        children: [
          prefix ? 'It was an unfinished copy: the whole file is run' : 'The same bytes came before, as run',
          ' ',
          _jsx('a', { href: hrefOf('runs', { id: duplicateOf }), children: _jsx(Outside, { text: duplicateOf }) }),
          prefix ? ', which counts.' : ', and count once.',
        ],
      }),
    });
  if (error === undefined) return null;
  const isOver = state !== 'FAILED' && state !== 'INVALID';
  return _jsxs('div', {
    class: `notice ${isOver ? '' : state === 'INVALID' ? 'warn' : 'bad'}`,
    children: [
      _jsxs('p', {
        children: [
          _jsxs('b', { children: [isOver && 'An earlier attempt: ', _jsx(Outside, { text: error.name })] }),
          ' ',
          'in step ',
          outsideText(error.step),
          ', attempt ',
          error.attempt,
          ', ',
          _jsx(When, { time: error.at }),
        ],
      }),
      _jsx('p', { class: 'error-text', children: _jsx(Outside, { text: error.message }) }),
      wayOut !== null && _jsxs('p', { children: [_jsx('b', { children: 'What to do:' }), ' ', wayOut] }),
    ],
  });
}
function FileFacts({ run: { row } }) {
  return _jsxs('section', {
    class: 'panel card',
    children: [
      _jsx('h3', { children: 'The file and its run' }),
      _jsx(Facts, {
        facts: [
          ['Run', _jsx('code', { children: row.run }, 'run')],
          [
            'Model',
            _jsxs(_Fragment, {
              children: [_jsx(Outside, { text: row.model.name }), ' ', _jsx(Outside, { text: row.model.version })],
            }),
          ],
          ['Size', orNone(row.size, bytes)],
          [
            'Chips',
            row.chips === undefined
              ? orNone(null, count)
              : `${count(row.chips)}, of them ${count(row.blank ?? 0)} blank`,
          ],
          ['Attempts', `${row.attempt} of ${row.attemptLimit}`],
          ['Claimed', _jsx(When, { time: row.claimedAt }, 'claimed')],
          ['Came into this state', _jsx(When, { time: row.changed }, 'changed')],
          ['Day', row.day ?? orNone(null, String)],
          ['SHA-256', row.digest === undefined ? orNone(null, String) : _jsx('code', { children: row.digest })],
          ['Execution', _jsx('code', { children: _jsx(Outside, { text: row.execution }) }, 'execution')],
        ],
      }),
    ],
  });
}
function Times({ times }) {
  const total = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return _jsxs('figure', {
    class: 'panel card',
    children: [
      _jsxs('figcaption', {
        children: [
          _jsx('h3', { children: 'Times of its steps' }),
          _jsx('p', {
            class: 'meaning',
            children: times.length === 0 ? 'No step has ended yet.' : `From the claim to the end: ${duration(total)}.`,
          }),
        ],
      }),
      times.length === 0
        ? _jsx(Nothing, { children: 'A bar for each step appears as it ends.' })
        : _jsxs(_Fragment, {
            children: [
              _jsx(Chart, {
                data: times,
                draw: (shown, width) => stepsChart(shown, { width }),
                reading: `Times: ${times.map(({ step, milliseconds }) => `${step} ${duration(milliseconds)}`).join(', ')}`,
              }),
              _jsx(NumbersTable, {
                title: 'times of its steps',
                head: ['Step', 'Time'],
                rows: () => times.map(({ step, milliseconds }) => [step, duration(milliseconds)]),
              }),
            ],
          }),
    ],
  });
}
