import * as Plot from '@observablehq/plot';
import type { Accuracy } from '../core/tasks/shown.ts';
import { atAxis, count, inUnit, seriesColour, THRESHOLD_COLOUR } from './format.ts';
import { type Day, type Drawing, dayChart, laterBy, levelMarks, type Place, startOf } from './plot.ts';

/** A day of which it is known for some chips what is true. */
export type AccuracyDay = Required<Day> & { accuracy: Pick<Accuracy, 'n' | 'figure' | 'interval' | 'expected'> };

export const accuracyChartMeaning =
  'Each mark is a day, with its 95\u00a0% interval: a dot, or a diamond where the whole interval lies below what the package expects.';

/** Draws how right the predictions of each day were, with the intervals, and what the newest package expects. */
export function accuracyChart(days: readonly AccuracyDay[], place: Place): Drawing {
  const { unit = 'share' } = days.at(-1)?.accuracy.figure ?? {};
  const versions = [...new Set(days.map(({ version }) => version))];
  const marked = days.flatMap(({ day, version, accuracy }) => {
    const { figure, interval, expected, n } = accuracy;
    if (figure.value === null) return [];
    const [low, high] = interval ?? [figure.value, figure.value];
    const missed = expected?.isMissed ? expected.value : undefined;
    return [{ day, version, value: figure.value, low, high, missed, n }];
  });
  type Mark = (typeof marked)[number];
  const standing = (one: Mark) => (one.missed === undefined ? 'reached' : 'missed');
  const { missed = [], reached = [] } = Object.groupBy(marked, standing);
  const expected = days.findLast(({ accuracy }) => accuracy.expected !== undefined)?.accuracy.expected?.value;
  const colourOf = ({ version }: Mark) => seriesColour(versions.indexOf(version));
  /** Versions of one day stand side by side. */
  const x = ({ day, version }: Mark) => laterBy(startOf(day), (versions.indexOf(version) + 1) / (versions.length + 1));
  const told = ({ day, version, value, low, high, missed: limit, n }: Mark) => {
    const below = limit === undefined ? '' : `, below the expected ${inUnit(limit, unit)}`;
    return `${day}${versions.length > 1 ? `, ${version}` : ''}: ${inUnit(value, unit)}${low < high ? ` (${inUnit(low, unit)} to ${inUnit(high, unit)})` : ''} of ${count(n)} with a known truth${below}`;
  };
  const end = Math.max(...marked.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  const intervals = marked.filter(({ low, high }) => low < high);

  return dayChart(place, {
    days,
    ariaLabel: `Accuracy by day: ${marked.map(told).join('; ') || 'no day has known truth'}`,
    y: unit === 'share' ? { domain: [0, 1] } : { zero: true, nice: true },
    tickFormat: (value) => (unit === 'share' ? inUnit(value, unit) : atAxis(value, end)),
    marks: [
      ...(expected === undefined ? [] : levelMarks([{ value: expected, text: `expected ${inUnit(expected, unit)}` }])),
      Plot.ruleX(intervals, { x, y1: 'low', y2: 'high', stroke: colourOf, strokeWidth: 1.5 }),
      Plot.dot(reached, { x, y: 'value', title: told, r: 3, fill: colourOf }),
      Plot.dot(missed, { x, y: 'value', title: told, r: 5, symbol: 'diamond', fill: THRESHOLD_COLOUR }),
    ],
  });
}
