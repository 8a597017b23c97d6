import * as Plot from '@observablehq/plot';
import { distance, GRID_COLOUR, QUIET_COLOUR, seriesColour, THRESHOLD_COLOUR } from './format.ts';
import { draw, HALO, type Place } from './plot.ts';

export type Score = { jensenShannon: number; noiseFloor: number; threshold: number };

/** A scale ends here, unless the score lies beyond. */
const USUAL_END = 0.4;
/** In pixels: so far from either end, all of the words below the bar are in the picture. */
const HALF_OF_WORDS = 48;

/** A drift score as a bar, between what chance explains (the shade) and what must not be passed (the line). */
export function scoreChart({ jensenShannon, noiseFloor, threshold }: Score, { width = 360, document }: Place = {}) {
  const end = Math.max(USUAL_END, jensenShannon * 1.2, threshold * 1.25, noiseFloor * 1.1);
  const fill = jensenShannon > threshold && noiseFloor < threshold ? THRESHOLD_COLOUR : seriesColour(0);
  const whole = { x1: 0, y1: 0, y2: 1, rx: 3 };
  const room = (HALF_OF_WORDS / (width - 8)) * end;
  const score = { ...HALO, dx: 5, textAnchor: 'start', fontWeight: 700, fontSize: 13, fill: 'currentColor' } as const;
  const [scoreText, floorText] = [distance(jensenShannon), `noise floor ${distance(noiseFloor)}`];
  const floorAt = Math.min(Math.max(noiseFloor, room), end - room);
  return draw(document, {
    width,
    height: 84,
    margins: [22, 4, 24, 4],
    ariaLabel: `Drift ${distance(jensenShannon)}; the noise floor is ${distance(noiseFloor)}, the threshold ${threshold}`,
    x: { domain: [0, end], axis: null },
    y: { domain: [0, 1], axis: null },
    marks: [
      Plot.rect([0], { ...whole, x2: end, fill: GRID_COLOUR, fillOpacity: 0.45 }),
      Plot.rect([0], { ...whole, x2: noiseFloor, fill: QUIET_COLOUR, fillOpacity: 0.28 }),
      Plot.rect([0], { x1: 0, x2: jensenShannon, y1: 0.28, y2: 0.72, rx: 2, fill }),
      Plot.ruleX([threshold], { stroke: THRESHOLD_COLOUR, strokeWidth: 2, insetTop: -4, insetBottom: -2 }),
      Plot.text([0], { ...score, x: jensenShannon, y: 0.5, text: [scoreText], strokeWidth: 4 }),
      Plot.text([0], { x: threshold, y: 1, text: [`threshold ${threshold}`], dy: -12, fill: THRESHOLD_COLOUR }),
      Plot.text([0], { x: floorAt, y: 0, text: [floorText], dy: 13, fill: QUIET_COLOUR }),
    ],
  });
}
