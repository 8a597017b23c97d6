import * as Plot from '@observablehq/plot';
import type { ChartPanel } from '../observability/panel.ts';
import type { Point } from '../observability/readMetrics.ts';
import { GRID_COLOUR, QUIET_COLOUR } from './colours.ts';
import { levelMarks } from './levels.ts';
import { looksOf } from './looks.ts';
import { inUnit } from './units.ts';

/** A chart panel with its data. */
export type DrawnPanel = {
  panel: ChartPanel;
  lines: { label: string; isReference: boolean; points: Point[] }[];
  /** The span of time that is shown, so that panels above one another line up. */
  from: string;
  to: string;
  /** Where the model version changed. */
  versions: { time: string; version: string }[];
};

export type Drawing = ReturnType<typeof Plot.plot>;

export type PanelOptions = {
  /** In pixels. */
  width?: number;
  height?: number;
  /** Where there is no window, as on a server. */
  document?: NonNullable<Plot.PlotOptions['document']>;
  /** Tells the nearest value beside the pointer. */
  isInteractive?: boolean;
};

/** A day with a few runs has its points marked; where there are more, the line says it all. */
const MOST_DOTS = 60;
/** A bar is at least so wide, in pixels, that it is seen. */
const NARROWEST_BAR = 3;
const MOST_TICKS = 4;
const MARGINS = { marginLeft: 52, marginRight: 10, marginTop: 16, marginBottom: 30 };

/** Draws a dashboard's chart panel: lines or stacked bars over time, with its levels and changes of version. */
export function panelChart(
  { panel, lines, from, to, versions }: DrawnPanel,
  { width = 480, height = 190, document, isInteractive = false }: PanelOptions = {},
): Drawing {
  const looks = looksOf(lines);
  const data = lines.flatMap(({ label, points }, i) =>
    points.map(({ time, value }) => ({ label, time: new Date(time), value, colour: looks[i]!.colour })),
  );
  const told = (d: (typeof data)[number]) => `${d.label}\n${shownTime(d.time)}\n${inUnit(d.value, panel.unit)}`;

  const start = new Date(from);
  const end = new Date(to);
  const middle = (start.getTime() + end.getTime()) / 2;
  const barSpan = Math.max(panel.periodSeconds * 1000, ((end.getTime() - start.getTime()) / width) * NARROWEST_BAR);
  const drawn =
    panel.kind === 'bars'
      ? [
          Plot.rectY(data, {
            x1: 'time',
            x2: (d: (typeof data)[number]) => new Date(Math.min(d.time.getTime() + barSpan, end.getTime())),
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
              x: (d: Point) => new Date(d.time),
              y: 'value',
              stroke: looks[i]!.colour,
              strokeWidth: isReference ? 1.25 : 2,
              strokeLinejoin: 'round',
              ...(isReference && { strokeDasharray: '4 3', strokeOpacity: 0.75 }),
            }),
          ),
          ...lines
            .map(({ points, isReference }, i) => ({ points, isReference, colour: looks[i]!.colour }))
            .filter(({ points, isReference }) => points.length === 1 || (!isReference && points.length <= MOST_DOTS))
            .map(({ points, colour }) =>
              Plot.dot(points, {
                x: (d: Point) => new Date(d.time),
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
        tickFormat: (value: number) => tick(value, panel.unit),
      }),
      Plot.axisX({ ticks: Math.max(2, Math.floor(width / 70)), label: null, tickSize: 3, color: QUIET_COLOUR }),
      Plot.ruleX(versions, {
        x: (d: { time: string }) => new Date(d.time),
        stroke: QUIET_COLOUR,
        strokeDasharray: '1 3',
      }),
      ...versions.map((change) =>
        Plot.text([change], {
          x: ({ time }: { time: string }) => new Date(time),
          text: ({ version }: { version: string }) => `version ${version}`,
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
function ticksOf(top: number, unit: ChartPanel['unit']): number | number[] {
  return unit === 'count' && top <= MOST_TICKS ? Array.from({ length: Math.ceil(top) + 1 }, (_, i) => i) : MOST_TICKS;
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
  if (unit === 'distance') return String(Number(value.toFixed(3)));
  if (value === 0) return '0';
  return unit === 'milliseconds' && value >= 1000 ? `${Number((value / 1000).toFixed(2))} s` : inUnit(value, unit);
}

function shownTime(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
