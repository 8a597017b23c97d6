import * as Plot from '@observablehq/plot';
import { GRID_COLOUR, PAPER_COLOUR, QUIET_COLOUR, THRESHOLD_COLOUR } from './colours.ts';

/** Where a chart is drawn. */
export type Place = {
  /** In pixels. */
  width?: number;
  height?: number;
  /** Where there is no window, as on a server. */
  document?: NonNullable<Plot.PlotOptions['document']>;
};

export type Drawing = ReturnType<typeof Plot.plot>;

/** Draws without a ground of its own. */
export function draw(document: Place['document'], fontSize: string, options: Plot.PlotOptions): Drawing {
  return Plot.plot({ ...options, ...(document && { document }), style: { fontSize, background: 'none' } });
}

/** Around text that stands on a drawing. */
export const HALO = { stroke: PAPER_COLOUR, strokeWidth: 3 } as const;

/** A quiet scale of what is drawn, with a line at each of its numbers. */
export function scaleMarks(ticks: number | number[], tickFormat: string | ((value: number) => string)): Plot.Markish[] {
  return [
    Plot.gridY({ ticks, stroke: GRID_COLOUR, strokeOpacity: 1 }),
    Plot.axisY({ ticks, label: null, tickSize: 0, color: QUIET_COLOUR, tickFormat }),
  ];
}

/** Lines across a chart that something is held against, such as an alarm's threshold, each with its words on it. */
export function levelMarks(levels: { value: number; text: string }[]): Plot.Markish[] {
  return [
    Plot.ruleY(levels, { y: 'value', stroke: THRESHOLD_COLOUR, strokeWidth: 1.25, strokeDasharray: '6 3' }),
    Plot.text(levels, {
      ...HALO,
      y: 'value',
      text: 'text',
      frameAnchor: 'left',
      dx: 4,
      dy: -7,
      textAnchor: 'start',
      fill: THRESHOLD_COLOUR,
    }),
  ];
}
