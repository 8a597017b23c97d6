import * as Plot from '@observablehq/plot';
import { PAPER_COLOUR, THRESHOLD_COLOUR } from './colours.ts';
/** Lines across a chart that something is held against, such as an alarm's threshold, each with its words on it. */
export function levelMarks(levels) {
  return [
    Plot.ruleY(levels, { y: 'value', stroke: THRESHOLD_COLOUR, strokeWidth: 1.25, strokeDasharray: '6 3' }),
    Plot.text(levels, {
      y: 'value',
      text: 'text',
      frameAnchor: 'left',
      dx: 4,
      dy: -7,
      textAnchor: 'start',
      fill: THRESHOLD_COLOUR,
      stroke: PAPER_COLOUR,
      strokeWidth: 3,
    }),
  ];
}
