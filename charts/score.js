import * as Plot from '@observablehq/plot';
import { GRID_COLOUR, PAPER_COLOUR, QUIET_COLOUR, seriesColour, THRESHOLD_COLOUR } from './colours.ts';

/** A scale ends here, unless the score lies beyond. */
const USUAL_END = 0.4;
/** A drift score as a bar, between what chance explains (the shade) and what must not be passed (the line). */
export function scoreChart({ jensenShannon, noiseFloor, threshold }, { width = 360, document } = {}) {
  const end = Math.max(USUAL_END, jensenShannon * 1.2, threshold * 1.25, noiseFloor * 1.1);
  const isBeyond = jensenShannon > threshold && noiseFloor < threshold;
  return Plot.plot({
    width,
    height: 84,
    marginLeft: 4,
    marginRight: 4,
    marginTop: 22,
    marginBottom: 24,
    ...(document && { document }),
    style: { fontSize: '11px', background: 'none' },
    x: { domain: [0, end], axis: null },
    y: { domain: [0, 1], axis: null },
    marks: [
      Plot.rect([0], { x1: 0, x2: end, y1: 0, y2: 1, fill: GRID_COLOUR, fillOpacity: 0.45, rx: 3 }),
      Plot.rect([0], { x1: 0, x2: noiseFloor, y1: 0, y2: 1, fill: QUIET_COLOUR, fillOpacity: 0.28, rx: 3 }),
      Plot.rect([0], {
        x1: 0,
        x2: jensenShannon,
        y1: 0.28,
        y2: 0.72,
        fill: isBeyond ? THRESHOLD_COLOUR : seriesColour(0),
        rx: 2,
      }),
      Plot.ruleX([threshold], { stroke: THRESHOLD_COLOUR, strokeWidth: 2, insetTop: -4, insetBottom: -2 }),
      Plot.text([0], {
        x: jensenShannon,
        y: 0.5,
        text: [jensenShannon.toFixed(3)],
        dx: 5,
        textAnchor: 'start',
        fontWeight: 700,
        fontSize: 13,
        fill: 'currentColor',
        stroke: PAPER_COLOUR,
        strokeWidth: 4,
      }),
      Plot.text([0], {
        x: threshold,
        y: 1,
        text: [`threshold ${threshold}`],
        dy: -12,
        fill: THRESHOLD_COLOUR,
      }),
      Plot.text([0], {
        x: noiseFloor,
        y: 0,
        text: [`noise floor ${noiseFloor.toFixed(3)}`],
        // Near the left end there is no room for half of the words.
        textAnchor: noiseFloor > end / 4 ? 'middle' : 'start',
        dx: noiseFloor > end / 4 ? 0 : (-noiseFloor / end) * (width - 8),
        dy: 13,
        fill: QUIET_COLOUR,
      }),
    ],
  });
}
