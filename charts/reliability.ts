import * as Plot from '@observablehq/plot';
import { percent } from '../core/base/text/numbers.ts';
import type { Calibration, ReliabilityBin } from '../core/statistics/calibration/calibration.ts';
import { count, counted, distance, QUIET_COLOUR, REFERENCE_COLOUR, seriesColour } from './format.ts';
import { type Drawing, draw, type Place, scaleMarks } from './plot.ts';

export const reliabilityMeaning =
  'Chips whose truth is known, by how probable their class was said to be: bars are the share that is right, each with a dot at its mean probability. A calibrated model has the dots on the dashed line; where they are below it, the model is surer than it should be. The wider a bar, the more chips it has.';

/** The diagram is a square, and no wider. */
const LARGEST_SIDE = 320;
/** In pixels. */
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 22, 10, 36];
/** A bin of few chips has a bar all the same. */
const NARROWEST = 0.2;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Draws a reliability diagram: of the predictions in each bin of probabilities, the share that is right. */
export function reliabilityChart(calibration: Calibration, { width = LARGEST_SIDE, document }: Place = {}): Drawing {
  const side = Math.min(width, LARGEST_SIDE);
  const most = Math.max(...calibration.bins.map(({ chips }) => chips));
  const bars = calibration.bins.map((bin) => {
    const half = ((bin.to - bin.from) / 2) * Math.max(NARROWEST, Math.sqrt(bin.chips / most));
    const middle = (bin.from + bin.to) / 2;
    return { ...bin, x1: middle - half, x2: middle + half };
  });
  const diagonal = [0, 1].map((at) => [at, at] as const);
  const axis = { ticks: TICKS, tickSize: 0, color: QUIET_COLOUR, tickFormat: percent };
  return draw(document, {
    width: side,
    height: side - LEFT - RIGHT + TOP + BOTTOM,
    margins: [TOP, RIGHT, BOTTOM, LEFT],
    ariaLabel: `Reliability of ${counted(calibration.chips, 'chip')}, calibration error ${distance(calibration.error)}: ${calibration.bins.map(toldBin).join('; ')}`,
    x: { domain: [0, 1] },
    y: { domain: [0, 1] },
    marks: [
      ...scaleMarks(TICKS, percent),
      Plot.axisX({ ...axis, label: 'probability', labelAnchor: 'center', labelArrow: 'none', labelOffset: 32 }),
      Plot.rectY(bars, { x1: 'x1', x2: 'x2', y1: 0, y2: 'share', inset: 0.5, fill: seriesColour(0), title: toldBin }),
      Plot.line(diagonal, { stroke: REFERENCE_COLOUR, strokeWidth: 1.5, strokeDasharray: '5 4' }),
      Plot.dot(bars, { x: 'probability', y: 'share', r: 2.5, fill: 'currentColor', title: toldBin }),
    ],
  });
}

export const binTexts = ({ from, to, chips, probability, share }: ReliabilityBin): string[] => [
  `${percent(from)} to ${percent(to)}`,
  count(chips),
  percent(probability),
  percent(share),
];

const toldBin = ({ from, to, chips, probability, share }: ReliabilityBin): string =>
  `${percent(from)} to ${percent(to)}: ${counted(chips, 'chip')}, mean probability ${percent(probability)}, right ${percent(share)}`;
