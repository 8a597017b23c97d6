import * as Plot from '@observablehq/plot';
import type { Verdict } from '../core/statistics/verdict.ts';
import { PAPER_COLOUR, QUIET_COLOUR, seriesColour, THRESHOLD_COLOUR } from './colours.ts';
import { dayAxis, laterBy, startOf } from './dayAxis.ts';
import { count, counted, distance } from './format.ts';
import { type Drawing, draw, HALO, levelMarks, type Place, scaleMarks } from './plot.ts';

/** A day's verdict; `drift` is null where nothing was predicted. */
export type DriftDay = {
  /** YYYY-MM-DD, UTC. */
  day: string;
  drift: { jensenShannon: number; noiseFloor: number; n: number; verdict: Verdict } | null;
  /** The model version that was judged: of several, each has its own line. Where there is only one, nobody has to say so. */
  version?: string;
};

export type DriftOptions = Place & {
  /** The score above which the verdict is drift. */
  threshold: number;
  /** The first and the last day shown, both YYYY-MM-DD; by default those of the data. */
  from?: string;
  to?: string;
};

/** How to read the chart, for the text beside it. */
export const driftChartMeaning =
  'Each mark is a day: a dot one without drift, a diamond one with drift, a ring one with too few predictions to tell. The grey columns are the noise floor: what chance alone reaches in one quiet day of a hundred.';

/** The same, of several versions. */
export const versionsMeaning = 'Each version has its own line, and its noise floor in the same colour.';

/** The largest Jensen–Shannon distance there is, with the natural logarithm. */
const LARGEST = Math.sqrt(Math.LN2);
/** Stands on an axis that has no days. */
const NO_DAY = '1970-01-01';

/** Draws the drift of each judged day with its noise floor, and the threshold that the verdict is about. */
export function driftChart(
  days: readonly DriftDay[],
  { threshold, from, to, width = 640, height = 220, document }: DriftOptions,
): Drawing {
  const judged = days.flatMap(({ day, drift, version = '' }) => (drift === null ? [] : [{ day, version, ...drift }]));
  const versions = [...new Set(judged.map(({ version }) => version))];
  const areSeveral = versions.length > 1;
  const ofVersion = (version: string) => judged.filter((one) => one.version === version);
  const colourOf = ({ version }: Judged) => seriesColour(versions.indexOf(version));
  const start = startOf(from ?? days[0]?.day ?? NO_DAY);
  const end = laterBy(startOf(to ?? days.at(-1)?.day ?? NO_DAY), 1);
  const top = Math.max(threshold * 1.5, ...judged.map(({ jensenShannon }) => jensenShannon * 1.12));
  const noon = ({ day }: Judged) => laterBy(startOf(day), 0.5);
  const told = ({ day, version, jensenShannon, noiseFloor, n, verdict }: Judged) =>
    `${day}${areSeveral ? `, ${version}` : ''}: ${verdict}, ${distance(jensenShannon)} with a noise floor of ${distance(noiseFloor)} at ${count(n)} predictions`;
  const marks = { x: noon, y: 'jensenShannon', title: told } as const;
  const having = (verdict: Verdict) => judged.filter((one) => one.verdict === verdict);

  return draw(document, '11px', {
    width,
    height,
    marginLeft: 44,
    marginRight: 14,
    marginTop: 14,
    marginBottom: 28,
    ariaLabel: described(judged, threshold),
    x: { type: 'utc', domain: [start, end] },
    y: { domain: [0, Math.min(top, LARGEST * 1.05)], clamp: true },
    marks: [
      ...scaleMarks(5, '.2~f'),
      dayAxis({ start, end, width, isEmpty: days.length === 0 && to === undefined }),
      Plot.rectY(judged, {
        x1: (one: Judged) => laterBy(startOf(one.day), laneOf(one, judged).from),
        x2: (one: Judged) => laterBy(startOf(one.day), laneOf(one, judged).to),
        y: 'noiseFloor',
        fill: areSeveral ? colourOf : QUIET_COLOUR,
        fillOpacity: 0.22,
        inset: 0.5,
      }),
      Plot.ruleY([0], { stroke: QUIET_COLOUR, strokeOpacity: 0.5 }),
      ...versions.map((version, i) =>
        Plot.lineY(withGaps(ofVersion(version)), {
          x: noon,
          y: 'jensenShannon',
          stroke: seriesColour(i),
          strokeWidth: 1.5,
          strokeLinejoin: 'round',
        }),
      ),
      ...levelMarks([{ value: threshold, text: `drift above ${threshold}` }]),
      Plot.dot(having('no drift'), { ...marks, r: 3, fill: colourOf }),
      Plot.dot(having('drift'), { ...marks, r: 5, symbol: 'diamond', fill: THRESHOLD_COLOUR }),
      Plot.dot(having('not enough data'), {
        ...marks,
        r: 3,
        fill: PAPER_COLOUR,
        stroke: areSeveral ? colourOf : QUIET_COLOUR,
        strokeWidth: 1.5,
      }),
      Plot.text(
        versions.flatMap((version) => ofVersion(version).slice(-1)),
        {
          ...HALO,
          x: noon,
          y: 'jensenShannon',
          text: ({ version, jensenShannon }: Judged) =>
            areSeveral ? `${version}: ${distance(jensenShannon)}` : distance(jensenShannon),
          dy: -11,
          ...(areSeveral && { textAnchor: 'end', dx: 8 }),
          fontWeight: 600,
          fill: areSeveral ? colourOf : 'currentColor',
        },
      ),
    ],
  });
}

type Judged = { day: string; version: string; jensenShannon: number; noiseFloor: number; n: number; verdict: Verdict };

/** The part of its day that a version's column takes: all of it, unless others were judged on that day as well. */
function laneOf({ day, version }: Judged, judged: readonly Judged[]): { from: number; to: number } {
  const beside = judged.filter((one) => one.day === day);
  const at = beside.findIndex((one) => one.version === version);
  return { from: at / beside.length, to: (at + 1) / beside.length };
}

/** A line joins neighbouring days only: over a day without a score it says nothing. */
function withGaps<Judged extends { day: string; jensenShannon: number }>(judged: readonly Judged[]): Judged[] {
  return judged.flatMap((one, i) => {
    const before = judged[i - 1];
    const isGap = before !== undefined && laterBy(startOf(before.day), 1).getTime() < startOf(one.day).getTime();
    return isGap ? [{ ...one, jensenShannon: Number.NaN }, one] : [one];
  });
}

function described(judged: readonly Judged[], threshold: number): string {
  if (judged.length === 0) return 'Prediction drift by day: no day was judged';
  const versions = Object.entries(Object.groupBy(judged, ({ version }) => version));
  const each = versions.map(([version, some = []]) => {
    const drifted = some.filter(({ verdict }) => verdict === 'drift').map(({ day }) => day);
    const last = some.at(-1)!;
    const newest = `the newest ${distance(last.jensenShannon)} on ${last.day}`;
    const found =
      drifted.length === 0 ? `none above ${threshold}` : `drift above ${threshold} on ${drifted.join(', ')}`;
    const of = `${versions.length > 1 ? `${version}, ` : ''}${counted(some.length, 'day')}`;
    return `${of}: ${newest}; ${found}`;
  });
  return `Prediction drift of ${each.join('. ')}`;
}
