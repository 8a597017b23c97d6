import * as Plot from '@observablehq/plot';
import type { Accuracy } from '../core/tasks/shown.ts';
import { seriesColour, THRESHOLD_COLOUR } from './colours.ts';
import { dayAxis, laterBy, startOf } from './dayAxis.ts';
import { count, inUnit } from './format.ts';
import { type Drawing, draw, levelMarks, type Place, scaleMarks } from './plot.ts';

/** A day of which it is known for some chips what is true. */
export type AccuracyDay = {
  /** YYYY-MM-DD, UTC. */
  day: string;
  accuracy: Pick<Accuracy, 'n' | 'figure' | 'interval' | 'expected'>;
  /** The model version; of several, each has its own colour. */
  version: string;
};

export type AccuracyOptions = Place & {
  /** The first and the last day shown, both YYYY-MM-DD; by default those of the data. */
  from?: string;
  to?: string;
};

/** How to read the chart, for the text beside it. */
export const accuracyChartMeaning =
  'Each mark is a day, with its 95\u00a0% interval: a dot, or a diamond where the whole interval lies below what the package expects.';

/** Draws how right the predictions of each day were, with the intervals, and what the newest package expects. */
export function accuracyChart(
  days: readonly AccuracyDay[],
  { from, to, width = 640, height = 200, document }: AccuracyOptions,
): Drawing {
  const { unit = 'share' } = days.at(-1)?.accuracy.figure ?? {};
  const versions = [...new Set(days.map(({ version }) => version))];
  const marked = days.flatMap(({ day, version, accuracy }): Marked[] => {
    const { figure, interval, expected, n } = accuracy;
    if (figure.value === null) return [];
    const [low, high] = interval ?? [figure.value, figure.value];
    return [{ day, version, value: figure.value, low, high, isMissed: expected?.isMissed === true, n }];
  });
  const expected = days.findLast(({ accuracy }) => accuracy.expected !== undefined)?.accuracy.expected?.value;
  const start = startOf(from ?? days[0]?.day ?? NO_DAY);
  const end = laterBy(startOf(to ?? days.at(-1)?.day ?? NO_DAY), 1);
  const colourOf = ({ version }: Marked) => seriesColour(versions.indexOf(version));
  /** Versions of one day stand side by side. */
  const place = ({ day, version }: Marked) =>
    laterBy(startOf(day), (versions.indexOf(version) + 1) / (versions.length + 1));
  const told = ({ day, version, value, low, high, n }: Marked) =>
    `${day}${versions.length > 1 ? `, ${version}` : ''}: ${inUnit(value, unit)}${low < high ? ` (${inUnit(low, unit)} to ${inUnit(high, unit)})` : ''} of ${count(n)} with a known truth`;

  return draw(document, '11px', {
    ...{ width, height, marginLeft: 44, marginRight: 14, marginTop: 14, marginBottom: 28 },
    ariaLabel: `Accuracy by day: ${marked.map(told).join('; ') || 'no day has known truth'}`,
    x: { type: 'utc', domain: [start, end] },
    y: unit === 'share' ? { domain: [0, 1] } : { zero: true, nice: true },
    marks: [
      ...scaleMarks(5, unit === 'share' ? (value) => inUnit(value, unit) : '.3~g'),
      dayAxis({ start, end, width, isEmpty: days.length === 0 && to === undefined }),
      ...(expected === undefined ? [] : levelMarks([{ value: expected, text: `expected ${inUnit(expected, unit)}` }])),
      Plot.ruleX(
        marked.filter(({ low, high }) => low < high),
        { x: place, y1: 'low', y2: 'high', stroke: colourOf, strokeWidth: 1.5 },
      ),
      Plot.dot(
        marked.filter(({ isMissed }) => !isMissed),
        { x: place, y: 'value', title: told, r: 3, fill: colourOf },
      ),
      Plot.dot(
        marked.filter(({ isMissed }) => isMissed),
        { x: place, y: 'value', title: told, r: 5, symbol: 'diamond', fill: THRESHOLD_COLOUR },
      ),
    ],
  });
}

type Marked = {
  day: string;
  version: string;
  value: number;
  low: number;
  high: number;
  isMissed: boolean;
  n: number;
};

/** Stands on an axis that has no days. */
const NO_DAY = '1970-01-01';
