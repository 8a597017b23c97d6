import * as Plot from '@observablehq/plot';
import { GRID_COLOUR, PAPER_COLOUR, QUIET_COLOUR, seriesColour, THRESHOLD_COLOUR } from './colours.ts';
import { levelMarks } from './levels.ts';
/** How to read the chart, for the text beside it. */
export const driftChartMeaning =
  'Each mark is a day: a dot one without drift, a diamond one with drift, a ring one with too few predictions to tell. The grey columns are the noise floor: what chance alone reaches in one quiet day of a hundred.';
/** The largest Jensen–Shannon distance there is, with the natural logarithm. */
const LARGEST = Math.sqrt(Math.LN2);
const DAY_MILLISECONDS = 86400000;
/** Stands on an axis that has no days. */
const NO_DAY = '1970-01-01';
/** Pixels that the date of a tick takes. */
const TICK_WIDTH = 64;
/** Draws the drift of each judged day with its noise floor, and the threshold that the verdict is about. */
export function driftChart(days, { threshold, from, to, width = 640, height = 220, document }) {
  const judged = days.flatMap(({ day, drift }) => (drift === null ? [] : [{ day, ...drift }]));
  const start = startOf(from ?? days[0]?.day ?? NO_DAY);
  const end = later(startOf(to ?? days.at(-1)?.day ?? NO_DAY), 1);
  const top = Math.max(threshold * 1.5, ...judged.map(({ jensenShannon }) => jensenShannon * 1.12));
  const noon = ({ day }) => later(startOf(day), 0.5);
  const told = ({ day, jensenShannon, noiseFloor, n, verdict }) =>
    `${day}: ${verdict}, ${jensenShannon.toFixed(3)} with a noise floor of ${noiseFloor.toFixed(3)} at ${n.toLocaleString('en')} predictions`;
  const marks = { x: noon, y: 'jensenShannon', title: told };
  const having = (verdict) => judged.filter((one) => one.verdict === verdict);
  const last = judged.at(-1);
  return Plot.plot({
    width,
    height,
    marginLeft: 44,
    marginRight: 14,
    marginTop: 14,
    marginBottom: 28,
    ...(document && { document }),
    ariaLabel: described(judged, threshold),
    style: { fontSize: '11px', background: 'none' },
    x: { type: 'utc', domain: [start, end] },
    y: { domain: [0, Math.min(top, LARGEST * 1.05)], clamp: true },
    marks: [
      Plot.gridY({ ticks: 5, stroke: GRID_COLOUR, strokeOpacity: 1 }),
      Plot.axisY({ ticks: 5, label: null, tickSize: 0, color: QUIET_COLOUR, tickFormat: '.2~f' }),
      Plot.axisX({
        ticks: days.length === 0 && to === undefined ? [] : ticksOf(start, end, width),
        label: null,
        tickSize: 3,
        color: QUIET_COLOUR,
        tickFormat: (date) => dayAndMonth.format(date),
      }),
      Plot.rectY(judged, {
        x1: ({ day }) => startOf(day),
        x2: ({ day }) => later(startOf(day), 1),
        y: 'noiseFloor',
        fill: QUIET_COLOUR,
        fillOpacity: 0.22,
        inset: 0.5,
      }),
      Plot.ruleY([0], { stroke: QUIET_COLOUR, strokeOpacity: 0.5 }),
      Plot.lineY(withGaps(judged), {
        x: noon,
        y: 'jensenShannon',
        stroke: seriesColour(0),
        strokeWidth: 1.5,
        strokeLinejoin: 'round',
      }),
      ...levelMarks([{ value: threshold, text: `drift above ${threshold}` }]),
      Plot.dot(having('no drift'), { ...marks, r: 3, fill: seriesColour(0) }),
      Plot.dot(having('drift'), { ...marks, r: 5, symbol: 'diamond', fill: THRESHOLD_COLOUR }),
      Plot.dot(having('not enough data'), {
        ...marks,
        r: 3,
        fill: PAPER_COLOUR,
        stroke: QUIET_COLOUR,
        strokeWidth: 1.5,
      }),
      ...(last === undefined
        ? []
        : [
            Plot.text([last], {
              x: noon,
              y: 'jensenShannon',
              text: ({ jensenShannon }) => jensenShannon.toFixed(3),
              dy: -11,
              fontWeight: 600,
              fill: 'currentColor',
              stroke: PAPER_COLOUR,
              strokeWidth: 3,
            }),
          ]),
    ],
  });
}
/** A line joins neighbouring days only: over a day without a score it says nothing. */
function withGaps(judged) {
  return judged.flatMap((one, i) => {
    const before = judged[i - 1];
    const isGap = before !== undefined && later(startOf(before.day), 1).getTime() < startOf(one.day).getTime();
    return isGap ? [{ ...one, jensenShannon: Number.NaN }, one] : [one];
  });
}
const dayAndMonth = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });
/** Days that have room for their dates: every one, or every so many back from the last one. */
function ticksOf(start, end, width) {
  const days = Math.round((end.getTime() - start.getTime()) / DAY_MILLISECONDS);
  const step = Math.max(1, Math.ceil((days * TICK_WIDTH) / width));
  const count = Math.ceil(days / step);
  return Array.from({ length: count }, (_, i) => later(end, -0.5 - i * step)).reverse();
}
function described(judged, threshold) {
  const drifted = judged.filter(({ verdict }) => verdict === 'drift').map(({ day }) => day);
  const last = judged.at(-1);
  if (last === undefined) return 'Prediction drift by day: no day was judged';
  const newest = `the newest ${last.jensenShannon.toFixed(3)} on ${last.day}`;
  const found = drifted.length === 0 ? `none above ${threshold}` : `drift above ${threshold} on ${drifted.join(', ')}`;
  return `Prediction drift of ${judged.length} ${judged.length === 1 ? 'day' : 'days'}: ${newest}; ${found}`;
}
function startOf(day) {
  return new Date(`${day}T00:00:00Z`);
}
function later(date, days) {
  return new Date(date.getTime() + days * DAY_MILLISECONDS);
}
