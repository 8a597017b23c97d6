import * as Plot from '@observablehq/plot';
import type { Verdict } from '../core/statistics/verdict.ts';
import { counted, distance, PAPER_COLOUR, QUIET_COLOUR, seriesColour, THRESHOLD_COLOUR } from './format.ts';
import type { Day, Drawing, Place } from './plot.ts';
import { baseLine, dayChart, HALO, laterBy, levelMarks, noonOf, startOf } from './plot.ts';

/** A day's verdict; `drift` is null where nothing was predicted. */
export type DriftDay = Day & {
  drift: { jensenShannon: number; noiseFloor: number; n: number; verdict: Verdict } | null;
};

export type DriftOptions = Place & {
  threshold: number;
  /** The first and the last day shown, both YYYY-MM-DD; by default those of the data. */
  from?: string;
  to?: string;
};

export const driftChartMeaning =
  'Each mark is a day: a dot one without drift, a diamond one with drift, a ring one with too few predictions to tell. The grey columns are the noise floor: what chance alone reaches in at most one quiet day of a hundred.';

export const versionsMeaning = 'Each version has its own line, and its noise floor in the same colour.';

/** The largest Jensen–Shannon distance there is, with the natural logarithm. */
const LARGEST = Math.sqrt(Math.LN2);

/** Draws the drift of each judged day with its noise floor, and the threshold that the verdict is about. */
export function driftChart(days: readonly DriftDay[], { threshold, from, to, ...place }: DriftOptions): Drawing {
  const judged = days.flatMap(({ day, drift, version = '' }) => (drift === null ? [] : [{ day, version, ...drift }]));
  /** A version's column takes all of its day, unless others were judged on that day as well. */
  const columns = judged.map((one) => {
    const beside = judged.filter(({ day }) => day === one.day);
    const [x1, x2] = [0, 1].map((end) => laterBy(startOf(one.day), (beside.indexOf(one) + end) / beside.length));
    return { ...one, x1, x2 };
  });
  const versions = [...new Set(judged.map(({ version }) => version))];
  const areSeveral = versions.length > 1;
  const ofVersion = (version: string) => judged.filter((one) => one.version === version);
  const colourOf = ({ version }: Judged) => seriesColour(versions.indexOf(version));
  const pale = areSeveral ? colourOf : QUIET_COLOUR;
  const top = Math.max(threshold * 1.5, ...judged.map(({ jensenShannon }) => jensenShannon * 1.12));
  const told = ({ day, version, jensenShannon, noiseFloor, n, verdict }: Judged) =>
    `${day}${areSeveral ? `, ${version}` : ''}: ${verdict}, ${distance(jensenShannon)} with a noise floor of ${distance(noiseFloor)} at ${counted(n, 'prediction')}`;
  const scores = { x: noonOf, y: 'jensenShannon' } as const;
  const line = { ...scores, strokeWidth: 1.5, strokeLinejoin: 'round' } as const;
  const dots = { ...scores, title: told };
  const newest = versions.flatMap((version) => ofVersion(version).slice(-1));
  const having = (verdict: Verdict) => judged.filter((one) => one.verdict === verdict);

  return dayChart(place, {
    days,
    from,
    to,
    ariaLabel: described(judged, threshold),
    y: { domain: [0, Math.min(top, LARGEST * 1.05)], clamp: true },
    tickFormat: '.2~f',
    marks: [
      Plot.rectY(columns, { x1: 'x1', x2: 'x2', y: 'noiseFloor', fill: pale, fillOpacity: 0.22, inset: 0.5 }),
      baseLine(),
      ...versions.map((version, i) => Plot.lineY(withGaps(ofVersion(version)), { ...line, stroke: seriesColour(i) })),
      ...levelMarks([{ value: threshold, text: `drift above ${threshold}` }]),
      Plot.dot(having('no drift'), { ...dots, r: 3, fill: colourOf }),
      Plot.dot(having('drift'), { ...dots, r: 5, symbol: 'diamond', fill: THRESHOLD_COLOUR }),
      Plot.dot(having('not enough data'), { ...dots, r: 3, fill: PAPER_COLOUR, stroke: pale, strokeWidth: 1.5 }),
      Plot.text(newest, {
        ...HALO,
        ...scores,
        dy: -11,
        fontWeight: 600,
        text: ({ version, jensenShannon }: Judged) =>
          areSeveral ? `${version}: ${distance(jensenShannon)}` : distance(jensenShannon),
        ...(areSeveral && { textAnchor: 'end', dx: 8 }),
        fill: areSeveral ? colourOf : 'currentColor',
      }),
    ],
  });
}

type Judged = Required<Day> & NonNullable<DriftDay['drift']>;

/** A line joins neighbouring days only: over a day without a score it says nothing. */
const withGaps = (judged: readonly Judged[]): Judged[] =>
  judged.flatMap((one, i) => {
    const before = judged[i - 1];
    const isGap = before !== undefined && laterBy(startOf(before.day), 1).getTime() < startOf(one.day).getTime();
    return isGap ? [{ ...one, jensenShannon: Number.NaN }, one] : [one];
  });

function described(judged: readonly Judged[], threshold: number): string {
  if (judged.length === 0) return 'Prediction drift by day: no day was judged';
  const versions = Object.entries(Object.groupBy(judged, ({ version }) => version));
  const each = versions.map(([version, some = []]) => {
    const drifted = some.filter(({ verdict }) => verdict === 'drift').map(({ day }) => day);
    const last = some.at(-1)!;
    const newest = `the newest ${distance(last.jensenShannon)} on ${last.day}`;
    const found = drifted.length > 0 ? `drift above ${threshold} on ${drifted.join(', ')}` : `none above ${threshold}`;
    const of = `${versions.length > 1 ? `${version}, ` : ''}${counted(some.length, 'day')}`;
    return `${of}: ${newest}; ${found}`;
  });
  return `Prediction drift of ${each.join('. ')}`;
}
