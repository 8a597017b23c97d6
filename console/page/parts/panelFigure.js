import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { looksOf } from '../../../charts/looks.ts';
import { panelChart } from '../../../charts/panel.ts';
import { inUnit } from '../../../charts/units.ts';
import { minute, NONE } from '../format.ts';
import { outsideText } from '../outsideText.ts';
import { Nothing } from './answered.tsx';
import { Chart } from './chart.tsx';
import { NumbersTable } from './numbersTable.tsx';

const UNREAD = 'The numbers could not be read:';
/** A panel of the dashboard: what it shows, how to read it, its newest values, the chart, and all of its numbers. */
export function PanelFigure({ drawn, problem }) {
  const { panel, lines } = drawn;
  const shown = lines.filter(({ points }) => points.length > 0);
  return _jsxs('figure', {
    class: 'panel card',
    children: [
      _jsx('h3', { children: panel.title }),
      shown.length === 0
        ? _jsx(Nothing, {
            children:
              problem === null ? 'Nothing was published within this time.' : `${UNREAD} ${outsideText(problem)}`,
          })
        : _jsxs(_Fragment, {
            children: [
              _jsx(Legend, { drawn: drawn }),
              _jsx(Chart, { data: drawn, draw: draw, reading: readingOf(drawn) }),
            ],
          }),
      _jsx('figcaption', { class: 'meaning', children: panel.meaning }),
      shown.length > 0 &&
        _jsx(NumbersTable, {
          title: panel.title,
          head: ['Time (UTC)', ...shown.map(({ label }) => outsideText(label))],
          rows: () => rowsOf(drawn),
        }),
    ],
  });
}
function draw(drawn, width) {
  return panelChart(drawn, { width, isInteractive: true });
}
function rowsInLegend({ panel, lines }) {
  const looks = looksOf(lines);
  const inPairs = looks.some(({ reference }) => reference !== null);
  return lines.flatMap((line, i) => {
    const { reference } = looks[i];
    if (line.isReference && inPairs) return []; // its number stands beside that of its line
    const name = inPairs ? withoutSeries(line.label, panel) : line.label;
    return [{ name, look: looks[i], line, reference: reference === null ? null : lines[reference] }];
  });
}
/** `cows-0` of `predicted cows-0`: what a series' lines have in common, the panel's title says. */
function withoutSeries(label, { series }) {
  const prefix = series.map((one) => `${one.label} `).find((start) => label.startsWith(start));
  return prefix === undefined ? label : label.slice(prefix.length);
}
/** Tells the lines apart and says the newest value of each: the answer, for whoever does not read charts. */
function Legend({ drawn }) {
  const { panel } = drawn;
  const rows = rowsInLegend(drawn);
  const newest = ({ points }) => (points.length === 0 ? NONE : inUnit(points.at(-1).value, panel.unit));
  return _jsxs('ul', {
    class: 'legend',
    children: [
      rows.map(({ name, look, line, reference }) =>
        _jsxs(
          'li',
          {
            children: [
              _jsx(Swatch, { colour: look.colour, isDashed: look.isDashed, isBar: panel.kind === 'bars' }),
              outsideText(name),
              ' ',
              _jsx('b', { children: newest(line) }),
              reference !== null && _jsxs('span', { class: 'quiet', children: [' (', newest(reference), ')'] }),
            ],
          },
          line.label,
        ),
      ),
      rows.some(({ reference }) => reference !== null) &&
        _jsxs('li', {
          class: 'quiet',
          children: [_jsx(Swatch, { colour: 'currentColor', isDashed: true, isBar: false }), '(reference)'],
        }),
    ],
  });
}
function Swatch({ colour, isDashed, isBar }) {
  return _jsx('svg', {
    class: 'swatch',
    viewBox: '0 0 16 8',
    'aria-hidden': 'true',
    children: isBar
      ? _jsx('rect', { width: '16', height: '8', rx: '1.5', style: { fill: colour } })
      : _jsx('path', { d: 'M0 4h16', style: { stroke: colour, strokeDasharray: isDashed ? '4 2' : 'none' } }),
  });
}
function readingOf({ panel, lines, from, to }) {
  const newest = lines
    .filter(({ points }) => points.length > 0)
    .map(({ label, points }) => {
      const values = points.map(({ value }) => value);
      return `${outsideText(label)}: newest ${inUnit(values.at(-1), panel.unit)}, highest ${inUnit(Math.max(...values), panel.unit)}`;
    });
  const levels = panel.levels.map(({ label, value }) => `${label}: ${inUnit(value, panel.unit)}`);
  return `${panel.title}, ${minute(from)} to ${minute(to)} UTC. ${[...newest, ...levels].join('; ')}.`;
}
/** A row for each time, the newest first. */
function rowsOf({ panel, lines }) {
  const shown = lines.filter(({ points }) => points.length > 0);
  const byTime = new Map();
  for (const [i, { points }] of shown.entries())
    for (const { time, value } of points) {
      const row = byTime.get(time) ?? [minute(time), ...shown.map(() => NONE)];
      row[i + 1] = inUnit(value, panel.unit);
      byTime.set(time, row);
    }
  return [...byTime].sort(([a], [b]) => b.localeCompare(a)).map(([, row]) => row);
}
