import * as Plot from '@observablehq/plot';
import { QUIET_COLOUR, seriesColour } from '../../charts/format.ts';
import { baseLine, type Drawing, draw, levelMarks, scaleMarks } from '../../charts/plot.ts';
import { judgeDrift } from '../../core/drift/window.ts';
import { document } from '../benches/chart.ts';
import { chipsIn, DATES, limits, packageOf, totalsOf } from '../benches/onePatch/onePatch.ts';

/** Of bare soil to dense green, as ranges of the NDVI. */
const RANGES = [
  { name: 'NDVI below 0.25', colour: '#b08d57' },
  { name: 'to 0.45', colour: '#d9c36b' },
  { name: 'to 0.6', colour: '#8db94e' },
  { name: 'above', colour: '#1f7a33' },
];
/** The hectares of a square of 10 × 10 pixels. */
const HECTARES = 1;
const WAYS = [
  { of: 'all', name: 'without a mask' },
  { of: 'clear', name: 'with a mask' },
] as const;
/** The bars of a date that is ten days after the last one touch. */
const DAYS_OF_BAR = 4;

type Way = (typeof WAYS)[number];

/** The dates of a year that have chips to count, each judged against what the others, of all years, let expect of its month. */
export function datesOf({ of }: Way, year: string) {
  const dates = DATES.map((date) => ({ day: date.day, counts: date[of] })).filter(({ counts }) => chipsIn(counts) > 0);
  return dates
    .filter(({ day }) => day.startsWith(year))
    .map((date) => {
      const others = packageOf(dates.filter((other) => other !== date));
      return { ...date, drift: judgeDrift(totalsOf(date, date.day), others, limits).drift };
    });
}

/** Draws one place in one year: the land of each class, and how far each date lies from what is usual in its month. */
export function seasonPicture(): { areas: Drawing; distances: Drawing } {
  const all = WAYS.flatMap((way) =>
    datesOf(way, '2017').map((date) => ({ ...date, way: way.name, at: timeOf(date.day) })),
  );
  const bars = all.flatMap(({ counts, way, at }) =>
    counts.map((count, k) => ({ way, from: at - HALF, to: at + HALF, hectares: count * HECTARES, ...RANGES[k]! })),
  );
  const months = { type: 'utc', domain: [timeOf('2016-12-29'), timeOf('2018-01-01')] } as const;
  const names = WAYS.map(({ name }) => name);
  const panels = { domain: names, axis: null, padding: 0.25 } as const;
  const titles = Plot.text(names, { ...TITLE, fy: (name) => name, text: (name) => name });
  const axis = Plot.axisX({ ticks: 'month', tickFormat: '%b', label: null, color: QUIET_COLOUR });
  const frame = { width: 720, margins: [24, 10, 24, 40] as [number, number, number, number], x: months, fy: panels };
  return {
    areas: draw(document as never, {
      ...frame,
      height: 340,
      ariaLabel: `Hectares of each range of the NDVI on the dates of 2017, ${names.join(' and ')} of clouds`,
      marks: [
        ...scaleMarks([0, 50, 100], 'd'),
        Plot.rectY(bars, { fy: 'way', x1: 'from', x2: 'to', y: 'hectares', fill: 'colour' }),
        ...RANGES.map((range, k) => legendMark(range, k)),
        baseLine(),
        titles,
        axis,
      ],
    }),
    distances: draw(document as never, {
      ...frame,
      height: 280,
      ariaLabel: `How far each date of 2017 lies from what is usual in its month, ${names.join(' and ')} of clouds`,
      y: { domain: [0, 0.7] },
      marks: [
        ...scaleMarks([0, 0.25, 0.5], '.2f'),
        ...levelMarks([{ value: limits.threshold, text: 'effect that matters' }]),
        Plot.dot(all, { fy: 'way', x: 'at', y: ({ drift }) => drift?.jensenShannon, r: 4, fill: seriesColour(0) }),
        baseLine(),
        titles,
        axis,
      ],
    }),
  };
}

/** The name of a range, in its colour, above the first panel. */
const legendMark = ({ name, colour }: (typeof RANGES)[number], k: number) =>
  Plot.text([WAYS[0].name], {
    ...TITLE,
    fy: (way) => way,
    text: () => `■ ${name}`,
    dx: 220 + [0, 140, 220, 300][k]!,
    fill: colour,
  });

const TITLE = { frameAnchor: 'top-left', dy: -18, fill: QUIET_COLOUR, fontWeight: 600 } as const;
const HALF = (DAYS_OF_BAR / 2) * 24 * 3600 * 1000;
const timeOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
