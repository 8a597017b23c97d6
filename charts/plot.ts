import * as Plot from '@observablehq/plot';
import { DAY_MILLISECONDS } from '../core/base/time/days.ts';
import { GRID_COLOUR, PAPER_COLOUR, QUIET_COLOUR, THRESHOLD_COLOUR } from './format.ts';

export type Place = {
  /** In pixels. */
  width?: number;
  height?: number;
  /** Where there is no window, as on a server. */
  document?: NonNullable<Plot.PlotOptions['document']>;
};

export type Drawing = ReturnType<typeof Plot.plot>;

type Options = Plot.PlotOptions & {
  margins: [top: number, right: number, bottom: number, left: number];
  fontSize?: string;
};

/** Draws without a ground, in given colours: for no data Plot would make up a scale, and the console's bundle has none. */
export function draw(document: Place['document'], { margins, fontSize = '11px', ...options }: Options): Drawing {
  const [marginTop, marginRight, marginBottom, marginLeft] = margins;
  const frame = { marginTop, marginRight, marginBottom, marginLeft, style: { fontSize, background: 'none' } };
  return Plot.plot({ color: { type: 'identity' }, ...options, ...frame, ...(document && { document }) });
}

export const HALO = { stroke: PAPER_COLOUR, strokeWidth: 3 } as const;

/** A quiet scale of what is drawn, with a line at each of its numbers. */
export function scaleMarks(ticks: number | number[], tickFormat: string | ((value: number) => string)): Plot.Markish[] {
  return [
    Plot.gridY({ ticks, stroke: GRID_COLOUR, strokeOpacity: 1 }),
    Plot.axisY({ ticks, label: null, tickSize: 0, color: QUIET_COLOUR, tickFormat }),
  ];
}

/** The line from which bars rise. */
export const baseLine = () => Plot.ruleY([0], { stroke: QUIET_COLOUR, strokeOpacity: 0.5 });

/** Lines across a chart that something is held against, such as an alarm's threshold, each with its words on it. */
export function levelMarks(levels: { value: number; text: string }[]): Plot.Markish[] {
  const words = { y: 'value', text: 'text', frameAnchor: 'left', textAnchor: 'start', dx: 4, dy: -7 } as const;
  return [
    Plot.ruleY(levels, { y: 'value', stroke: THRESHOLD_COLOUR, strokeWidth: 1.25, strokeDasharray: '6 3' }),
    Plot.text(levels, { ...HALO, ...words, fill: THRESHOLD_COLOUR }),
  ];
}

/** Pixels that the date of a tick takes. */
const TICK_WIDTH = 64;
/** Stands on an axis that has no days. */
const NO_DAY = '1970-01-01';

const dayAndMonth = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const monthAndYear = new Intl.DateTimeFormat('en', { month: 'short', year: 'numeric', timeZone: 'UTC' });

export type Day = {
  /** YYYY-MM-DD, UTC. */
  day: string;
  /** The model version: of several, each has its own line or colour. Where there is only one, nobody has to say so. */
  version?: string;
};

type DayChart = Pick<Plot.PlotOptions, 'ariaLabel' | 'y'> & {
  days: readonly Day[];
  /** The first and the last day shown; by default those of the data. */
  from?: string | undefined;
  to?: string | undefined;
  tickFormat: string | ((value: number) => string);
  marks: Plot.Markish[];
};

/** A chart over UTC days, each with its date in its middle where there is room. */
export function dayChart({ width = 640, height = 220, document }: Place, chart: DayChart): Drawing {
  const { days, from, to, tickFormat, marks, ...options } = chart;
  const start = startOf(from ?? days[0]?.day ?? NO_DAY);
  const end = laterBy(startOf(to ?? days.at(-1)?.day ?? NO_DAY), 1);
  const isEmpty = days.length === 0 && to === undefined;
  const span = Math.round((end.getTime() - start.getTime()) / DAY_MILLISECONDS);
  /** Every day has room for its date, or every so many back from the last one. */
  const step = Math.max(1, Math.ceil((span * TICK_WIDTH) / width));
  const ticks = Array.from({ length: Math.ceil(span / step) }, (_, i) => laterBy(end, -0.5 - i * step));
  const axis = Plot.axisX({
    ticks: isEmpty ? [] : ticks.reverse(),
    label: null,
    tickSize: 3,
    color: QUIET_COLOUR,
    tickFormat: (date: Date) => (laterBy(start, 366) < end ? monthAndYear : dayAndMonth).format(date),
  });
  const x = { type: 'utc', domain: [start, end] } as const;
  const all = [...scaleMarks(5, tickFormat), axis, ...marks];
  return draw(document, { ...options, width, height, margins: [14, 14, 28, 44], x, marks: all });
}

/** @param day YYYY-MM-DD */
export const startOf = (day: string): Date => new Date(`${day}T00:00:00Z`);

export const laterBy = (date: Date, days: number): Date => new Date(date.getTime() + days * DAY_MILLISECONDS);

export const noonOf = ({ day }: Day): Date => laterBy(startOf(day), 0.5);
