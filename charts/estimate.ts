import * as Plot from '@observablehq/plot';
import { percent } from '../core/base/text/numbers.ts';
import type { AccuracyEstimate } from '../core/statistics/calibration/estimateAccuracy.ts';
import { count, PAPER_COLOUR, seriesColour } from './format.ts';
import { type Day, type Drawing, dayChart, laterBy, noonOf, type Place, startOf } from './plot.ts';

/** A day's accuracy: estimated without truth, and what came true of it; each is null where there is none. */
export type EstimatedDay = Day & {
  estimate: AccuracyEstimate | null;
  /** The share that is right of so many chips whose truth is known. */
  realised: { share: number; chips: number } | null;
};

/** How to read the chart, and what the estimate assumes, for the text beside it. */
export const estimateMeaning =
  'Lines are the accuracy estimated without truth (CBPE): the mean probability of the predicted class, shaded by three sampling errors to each side. Diamonds are the share that was right, where truth is known. The estimate assumes that the probabilities are calibrated for what comes now, and that images still mean what they meant (no concept drift): where either fails, it is wrong, and says nothing of it.';

export function estimateChart(days: readonly EstimatedDay[], place: Place = {}): Drawing {
  const versions = [...new Set(days.map(({ version = '' }) => version))];
  const colourOf = ({ version = '' }: EstimatedDay) => seriesColour(versions.indexOf(version));
  const estimated = days.flatMap((one) => {
    const { value, interval: [low, high] = [] } = one.estimate ?? {};
    return value === undefined ? [] : [{ ...one, value, low, high }];
  });
  const realised = days.flatMap((one) => (one.realised === null ? [] : [{ ...one, ...one.realised }]));
  const column = {
    x1: ({ day }: EstimatedDay) => laterBy(startOf(day), 0.1),
    x2: ({ day }: EstimatedDay) => laterBy(startOf(day), 0.9),
  };
  const told = days.filter(({ estimate, realised }) => estimate !== null || realised !== null).map(toldDay);
  const diamond = { r: 5, symbol: 'diamond', fill: 'currentColor', stroke: PAPER_COLOUR } as const;
  return dayChart(place, {
    days,
    ariaLabel: told.length === 0 ? 'Estimated accuracy: no day has any' : `Accuracy of each day: ${told.join('; ')}`,
    y: { domain: [0, 1] },
    tickFormat: percent,
    marks: [
      Plot.rectY(estimated, { ...column, y1: 'low', y2: 'high', fill: colourOf, fillOpacity: 0.25 }),
      Plot.ruleY(estimated, { ...column, y: 'value', stroke: colourOf, strokeWidth: 2, title: toldDay }),
      Plot.dot(realised, { ...diamond, x: noonOf, y: 'share', title: toldDay }),
    ],
  });
}

function toldDay({ day, version, estimate, realised }: EstimatedDay): string {
  const of = version === undefined ? day : `${day} by ${version}`;
  const parts = [
    estimate && `estimated ${percent(estimate.value)} (${estimate.interval.map(percent).join(' to ')})`,
    realised && `right ${percent(realised.share)} of ${count(realised.chips)}`,
  ];
  return `${of}: ${parts.filter((part) => part !== null).join(', ')}`;
}
