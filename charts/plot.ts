import * as Plot from '@observablehq/plot';
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
