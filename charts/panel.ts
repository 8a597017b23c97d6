import * as Plot from '@observablehq/plot';
import { printable } from '../core/base/text/printable.ts';
import type { ChartPanel } from '../observability/panel.ts';
import type { Point } from '../observability/readMetrics.ts';
import { QUIET_COLOUR } from './colours.ts';
import { distance, inUnit, minute } from './format.ts';
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

/** Draws a panel: lines or stacked bars over time, levels, changes of version, and the value nearest the pointer. */
export function panelChart(
  { panel, lines, from, to, versions }: DrawnPanel,
  { width = 480, height = 190, document }: Place = {},
): Drawing {
  const looks = looksOf(lines);
  const series = lines.map(({ label, isReference, points }, i) => {
    const { colour } = looks[i]!;
    const data = points.map(({ time, value }) => ({ label, time: new Date(time), value, colour }));
    return { isReference, colour, data };
  });
  const data = series.flatMap((one) => one.data);
  type Datum = (typeof data)[number];
  const told = ({ label, time, value }: Datum) =>
    `${label}\n${minute(time.toISOString())} UTC\n${inUnit(value, panel.unit)}`;

  const [start, end] = [new Date(from), new Date(to)];
  const span = end.getTime() - start.getTime();
  const barSpan = Math.max(panel.periodSeconds * 1000, (span / width) * NARROWEST_BAR);
  const drawn =
    panel.kind === 'bars'
      ? [
          Plot.rectY(data, {
            x1: 'time',
            x2: ({ time }: Datum) => new Date(Math.min(time.getTime() + barSpan, end.getTime())),
            y: 'value',
            z: 'label',
            order: lines.map(({ label }) => label),
            fill: 'colour',
            insetLeft: 0.5,
            insetRight: 0.5,
            title: told,
            tip: true,
          }),
        ]
      : [
          ...series.map((one) =>
            Plot.lineY(one.data, {
              x: 'time',
              y: 'value',
              stroke: one.colour,
              strokeLinejoin: 'round',
              strokeWidth: one.isReference ? 1.25 : 2,
              ...(one.isReference && { strokeDasharray: '4 3', strokeOpacity: 0.75 }),
            }),
          ),
          ...series
            .filter((one) => one.data.length === 1 || (!one.isReference && one.data.length <= MOST_DOTS))
            .map((one) => Plot.dot(one.data, { x: 'time', y: 'value', r: 2.25, fill: one.colour })),
          Plot.tip(data, Plot.pointer({ x: 'time', y: 'value', title: told })),
        ];

  const top = highest({ panel, lines });
  const bottom = Math.min(0, ...valuesOf(lines)); // a model may predict negative numbers
  // Few things are counted one by one: there is no half of a run.
  const isFew = panel.unit === 'count' && top <= MOST_TICKS;
  const ticks = isFew ? Array.from({ length: Math.ceil(top) + 1 }, (_, i) => i) : MOST_TICKS;
  const words = { x: 'time', text: 'text', frameAnchor: 'top', dy: -14, fill: QUIET_COLOUR } as const;
  const changes = versions.map(({ time, version }) => ({ time: new Date(time), text: `version ${version}` }));
  return draw(document, {
    width,
    height,
    margins: [16, 10, 30, 52],
    ariaLabel: described({ panel, lines, from, to }),
    x: { type: 'utc', domain: [start, end] },
    y: { domain: [bottom * 1.06, top * 1.06], nice: ticks === MOST_TICKS },
    marks: [
      ...scaleMarks(ticks, (value) => tick(value, panel.unit)),
      Plot.axisX({ ticks: Math.max(2, Math.floor(width / 70)), label: null, tickSize: 3, color: QUIET_COLOUR }),
      Plot.ruleX(changes, { x: 'time', stroke: QUIET_COLOUR, strokeDasharray: '1 3' }),
      ...changes.map((change) =>
        Plot.text([change], {
          ...words,
          // Near the right end there is no room for words behind it.
          textAnchor: change.time.getTime() > start.getTime() + span / 2 ? 'end' : 'start',
        }),
      ),
      ...drawn,
      baseLine(),
      ...levelMarks(panel.levels.map(({ label, value }) => ({ value, text: `${label} ${tick(value, panel.unit)}` }))),
    ],
  });
}

function described({ panel, lines, from, to }: Omit<DrawnPanel, 'versions'>): string {
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
function highest({ panel, lines }: Pick<DrawnPanel, 'panel' | 'lines'>): number {
  const levels = panel.levels.map(({ value }) => value);
  const top = Math.max(...levels, ...(panel.kind === 'bars' ? heightsOfStacks(lines) : valuesOf(lines)), 0);
  return top > 0 ? top : 1;
}

function valuesOf(lines: DrawnPanel['lines']): number[] {
  return lines.flatMap(({ points }) => points.map(({ value }) => value));
}

function heightsOfStacks(lines: DrawnPanel['lines']): number[] {
  const heights = new Map<string, number>();
  for (const { time, value } of lines.flatMap(({ points }) => points))
    heights.set(time, (heights.get(time) ?? 0) + value);
  return [...heights.values()];
}

/** An axis needs no more digits than tell its numbers apart. */
function tick(value: number, unit: ChartPanel['unit']): string {
  if (unit === 'share') return `${Number((value * 100).toFixed(1))} %`;
  if (unit === 'distance') return String(Number(distance(value)));
  if (value === 0) return '0';
  return unit === 'milliseconds' && value >= 1000 ? `${Number((value / 1000).toFixed(2))} s` : inUnit(value, unit);
}
