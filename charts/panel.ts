import * as Plot from '@observablehq/plot';
import { printable } from '../core/base/text/printable.ts';
import type { ChartPanel } from '../observability/panel.ts';
import type { Point } from '../observability/readMetrics.ts';
import { atAxis, distance, inUnit, minute, QUIET_COLOUR } from './format.ts';
import { looksOf } from './looks.ts';
import { baseLine, type Drawing, draw, levelMarks, type Place, scaleMarks } from './plot.ts';

export type DrawnPanel = {
  panel: ChartPanel;
  lines: { label: string; isReference: boolean; points: Point[] }[];
  /** The span of time that is shown, so that panels above one another line up. */
  from: string;
  to: string;
  /** Where the model version changed. */
  versions: { time: string; version: string }[];
};

/** A day with a few runs has its points marked; where there are more, the line says it all. */
const MOST_DOTS = 60;
/** A bar is at least so wide, in pixels, that it is seen. */
const NARROWEST_BAR = 3;
const MOST_TICKS = 4;
const REFERENCE_LINE = { strokeWidth: 1.25, strokeOpacity: 0.75 };

/** Draws a panel: lines or stacked bars over time, levels, changes of version, and the value nearest the pointer. */
export function panelChart(drawn: DrawnPanel, { width = 480, height = 190, document }: Place = {}): Drawing {
  const { panel, lines, from, to, versions } = drawn;
  const looks = looksOf(drawn);
  const series = lines.map(({ label, isReference, points }, i) => {
    const { colour, dash } = looks[i]!;
    const data = points.map(({ time, value }) => ({ label, time: new Date(time), value, colour }));
    return { isReference, colour, dash, data };
  });
  const data = series.flatMap((one) => one.data);
  type Datum = (typeof data)[number];
  const told = ({ label, time, value }: Datum) =>
    `${label}\n${minute(time.toISOString())} UTC\n${inUnit(value, panel.unit)}`;

  const [start, end] = [new Date(from), new Date(to)];
  const span = end.getTime() - start.getTime();
  const barSpan = Math.max(panel.periodSeconds * 1000, (span / width) * NARROWEST_BAR);
  const barEnd = ({ time }: Datum) => new Date(Math.min(time.getTime() + barSpan, end.getTime()));
  const bar = { x1: 'time', x2: barEnd, y: 'value', z: 'label', fill: 'colour', insetLeft: 0.5, insetRight: 0.5 };
  const line = { x: 'time', y: 'value', strokeLinejoin: 'round' } as const;
  const dotted = series.filter((one) => one.data.length === 1 || (!one.isReference && one.data.length <= MOST_DOTS));
  const marks =
    panel.kind === 'bars'
      ? [Plot.rectY(data, { ...bar, order: lines.map(({ label }) => label), title: told, tip: true })]
      : [
          ...series.map(({ data, colour, dash, isReference }) => {
            const stroke = { stroke: colour, strokeDasharray: dash, strokeWidth: 2 };
            return Plot.lineY(data, { ...line, ...stroke, ...(isReference && REFERENCE_LINE) });
          }),
          ...dotted.map(({ data, colour, dash }) => {
            const symbol = dash === '2 2' ? 'square' : 'circle';
            return Plot.dot(data, { x: 'time', y: 'value', r: 2.25, fill: colour, symbol });
          }),
          Plot.tip(data, Plot.pointer({ x: 'time', y: 'value', title: told })),
        ];

  const top = highest(drawn);
  const bottom = Math.min(0, ...valuesOf(lines)); // a model may predict negative numbers
  const furthest = Math.max(top, -bottom);
  // Few things are counted one by one: there is no half of a run.
  const isFew = panel.unit === 'count' && top <= MOST_TICKS;
  const ticks = isFew ? Array.from({ length: Math.ceil(top) + 1 }, (_, i) => i) : MOST_TICKS;
  const words = { x: 'time', text: 'text', frameAnchor: 'top', dy: -14, fill: QUIET_COLOUR } as const;
  const changes = versions.map(({ time, version }) => ({ time: new Date(time), text: `version ${version}` }));
  return draw(document, {
    width,
    height,
    margins: [16, 10, 30, 52],
    ariaLabel: described(drawn),
    x: { type: 'utc', domain: [start, end] },
    y: { domain: [bottom * 1.06, top * 1.06], nice: ticks === MOST_TICKS },
    marks: [
      ...scaleMarks(ticks, (value) => tick(value, panel.unit, furthest)),
      Plot.axisX({ ticks: Math.max(2, Math.floor(width / 70)), label: null, tickSize: 3, color: QUIET_COLOUR }),
      Plot.ruleX(changes, { x: 'time', stroke: QUIET_COLOUR, strokeDasharray: '1 3' }),
      ...changes.map((change) => {
        const isLate = change.time.getTime() > start.getTime() + span / 2; // no room for words behind it
        return Plot.text([change], { ...words, textAnchor: isLate ? 'end' : 'start' });
      }),
      ...marks,
      baseLine(),
      ...levelMarks(panel.levels.map(({ label, value }) => ({ value, text: `${label} ${tick(value, panel.unit)}` }))),
    ],
  });
}

function described({ panel, lines, from, to }: DrawnPanel): string {
  const inWords = (value: number) => inUnit(value, panel.unit);
  const each = lines.flatMap(({ label, points }) => {
    const values = points.map(({ value }) => value);
    if (values.length === 0) return [];
    return [`${printable(label)}: newest ${inWords(values.at(-1)!)}, highest ${inWords(Math.max(...values))}`];
  });
  const levels = panel.levels.map(({ label, value }) => `${label}: ${inWords(value)}`);
  return `${panel.title}, ${minute(from)} to ${minute(to)} UTC. ${[...each, ...levels].join('; ')}.`;
}

/** The top of what is drawn; with nothing drawn but zeros, a top all the same. */
function highest({ panel, lines }: DrawnPanel): number {
  const levels = panel.levels.map(({ value }) => value);
  const top = Math.max(...levels, ...(panel.kind === 'bars' ? heightsOfStacks(lines) : valuesOf(lines)), 0);
  return top > 0 ? top : 1;
}

const valuesOf = (lines: DrawnPanel['lines']) => lines.flatMap(({ points }) => points.map(({ value }) => value));

function heightsOfStacks(lines: DrawnPanel['lines']): number[] {
  const points = lines.flatMap((one) => one.points);
  const stacks = Map.groupBy(points, ({ time }) => time).values();
  return Array.from(stacks, (stack) => stack.reduce((sum, { value }) => sum + value, 0));
}

/** An axis needs no more digits than tell its numbers apart; a level's own number is written out. */
function tick(value: number, unit: ChartPanel['unit'], end?: number): string {
  if (unit === 'share') return `${Number((value * 100).toFixed(1))} %`;
  if (unit === 'distance') return String(Number(distance(value)));
  if (unit !== 'milliseconds') return end === undefined ? inUnit(value, unit) : atAxis(value, end);
  if (value === 0) return '0';
  return value >= 1000 ? `${Number((value / 1000).toFixed(2))} s` : inUnit(value, unit);
}
