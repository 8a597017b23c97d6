import * as Plot from '@observablehq/plot';
import { GRID_COLOUR, QUIET_COLOUR } from './colours.ts';
import { levelMarks } from './levels.ts';
import { looksOf } from './looks.ts';
import { inUnit } from './units.ts';

/** A day with a few runs has its points marked; where there are more, the line says it all. */
const MOST_DOTS = 60;
/** A bar is at least so wide, in pixels, that it is seen. */
const NARROWEST_BAR = 3;
const MOST_TICKS = 4;
const MARGINS = { marginLeft: 52, marginRight: 10, marginTop: 16, marginBottom: 30 };
/** Draws a dashboard's chart panel: lines or stacked bars over time, with its levels and changes of version. */
export function panelChart(
  { panel, lines, from, to, versions },
  { width = 480, height = 190, document, isInteractive = false } = {},
) {
  const looks = looksOf(lines);
  const data = lines.flatMap(({ label, points }, i) =>
    points.map(({ time, value }) => ({ label, time: new Date(time), value, colour: looks[i].colour })),
  );
  const told = (d) => `${d.label}\n${shownTime(d.time)}\n${inUnit(d.value, panel.unit)}`;
  const start = new Date(from);
  const end = new Date(to);
  const middle = (start.getTime() + end.getTime()) / 2;
  const barSpan = Math.max(panel.periodSeconds * 1000, ((end.getTime() - start.getTime()) / width) * NARROWEST_BAR);
  const drawn =
    panel.kind === 'bars'
      ? [
          Plot.rectY(data, {
            x1: 'time',
            x2: (d) => new Date(Math.min(d.time.getTime() + barSpan, end.getTime())),
            y: 'value',
            z: 'label',
            order: lines.map(({ label }) => label),
            fill: 'colour',
            insetLeft: 0.5,
            insetRight: 0.5,
            ...(isInteractive && { title: told, tip: true }),
          }),
        ]
      : [
          ...lines.map(({ points, isReference }, i) =>
            Plot.lineY(points, {
              x: (d) => new Date(d.time),
              y: 'value',
              stroke: looks[i].colour,
              strokeWidth: isReference ? 1.25 : 2,
              strokeLinejoin: 'round',
              ...(isReference && { strokeDasharray: '4 3', strokeOpacity: 0.75 }),
            }),
          ),
          ...lines
            .map(({ points, isReference }, i) => ({ points, isReference, colour: looks[i].colour }))
            .filter(({ points, isReference }) => points.length === 1 || (!isReference && points.length <= MOST_DOTS))
            .map(({ points, colour }) =>
              Plot.dot(points, {
                x: (d) => new Date(d.time),
                y: 'value',
                r: 2.25,
                fill: colour,
              }),
            ),
          ...(isInteractive ? [Plot.tip(data, Plot.pointer({ x: 'time', y: 'value', title: told }))] : []),
        ];
  const top = highest({ panel, lines });
  const ticks = ticksOf(top, panel.unit);
  return Plot.plot({
    width,
    height,
    ...MARGINS,
    ...(document && { document }),
    ariaLabel: panel.title,
    style: { fontSize: '11px', background: 'none' },
    x: { type: 'utc', domain: [start, end] },
    y: { domain: [0, top * 1.06], nice: ticks === MOST_TICKS },
    color: { type: 'identity' },
    marks: [
      Plot.gridY({ ticks, stroke: GRID_COLOUR, strokeOpacity: 1 }),
      Plot.axisY({
        ticks,
        label: null,
        tickSize: 0,
        color: QUIET_COLOUR,
        tickFormat: (value) => tick(value, panel.unit),
      }),
      Plot.axisX({ ticks: Math.max(2, Math.floor(width / 70)), label: null, tickSize: 3, color: QUIET_COLOUR }),
      Plot.ruleX(versions, {
        x: (d) => new Date(d.time),
        stroke: QUIET_COLOUR,
        strokeDasharray: '1 3',
      }),
      ...versions.map((change) =>
        Plot.text([change], {
          x: ({ time }) => new Date(time),
          text: ({ version }) => `version ${version}`,
          frameAnchor: 'top',
          // Near the right end there is no room for words behind it.
          textAnchor: new Date(change.time).getTime() > middle ? 'end' : 'start',
          dy: -14,
          fill: QUIET_COLOUR,
        }),
      ),
      ...drawn,
      Plot.ruleY([0], { stroke: QUIET_COLOUR, strokeOpacity: 0.5 }),
      ...levelMarks(panel.levels.map(({ label, value }) => ({ value, text: `${label} ${tick(value, panel.unit)}` }))),
    ],
  });
}
/** Few things are counted one by one: there is no half of a run. */
function ticksOf(top, unit) {
  return unit === 'count' && top <= MOST_TICKS ? Array.from({ length: Math.ceil(top) + 1 }, (_, i) => i) : MOST_TICKS;
}
/** The top of what is drawn; with nothing drawn but zeros, a top all the same. */
function highest({ panel, lines }) {
  const levels = panel.levels.map(({ value }) => value);
  const top = Math.max(...levels, ...(panel.kind === 'bars' ? heightsOfStacks(lines) : valuesOf(lines)), 0);
  return top > 0 ? top : 1;
}
function valuesOf(lines) {
  return lines.flatMap(({ points }) => points.map(({ value }) => value));
}
function heightsOfStacks(lines) {
  const heights = new Map();
  for (const { time, value } of lines.flatMap(({ points }) => points))
    heights.set(time, (heights.get(time) ?? 0) + value);
  return [...heights.values()];
}
/** An axis needs no more digits than tell its numbers apart. */
function tick(value, unit) {
  if (unit === 'share') return `${Number((value * 100).toFixed(1))} %`;
  if (unit === 'distance') return String(Number(value.toFixed(3)));
  if (value === 0) return '0';
  return unit === 'milliseconds' && value >= 1000 ? `${Number((value / 1000).toFixed(2))} s` : inUnit(value, unit);
}
function shownTime(time) {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
