import { driftChart, driftChartMeaning, versionsMeaning } from '../../../charts/drift.ts';
import { count, counted, distance, NONE, orNone } from '../../../charts/format.ts';
import { capitalised } from '../../../core/base/text/capitalised.ts';
import { percent } from '../../../core/base/text/numbers.ts';
import { accuracyText, sharesText } from '../../../core/drift/driftText.ts';
import type { Drift } from '../../api.ts';
import { Answered, isRefused, Nothing, outside, outsideText, useAnswer } from '../parts/answered.tsx';
import { VerdictBadge } from '../parts/badges.tsx';
import { ChartFigure } from '../parts/chart.tsx';
import { PeriodChoice, usePeriod } from '../parts/period.tsx';
import { type Column, numbers, ScrolledTable } from '../parts/table.tsx';
import { BandsFigure, DriftNumbers, SharesFigure } from '../parts/windowFigures.tsx';
import { queryText, type Route } from '../route.ts';
import { verdictWords } from '../verdict.ts';
import { Accuracies, EstimatedAccuracy, figureNamed, Reliability } from './accuracy.tsx';

type Day = Drift['days'][number];

export function DriftPage({ route }: { route: Route }) {
  const period = usePeriod(route, ['15', '30', '90'], '30');
  const drift = useAnswer<Drift>(`/api/drift${queryText(period.asked)}`, ['metrics', 'runs']);
  return (
    <>
      <h1 tabIndex={-1}>Drift</h1>
      {isRefused(drift) && <PeriodChoice period={period} />}
      <Answered answer={drift} what="the drift">
        {(shown) => (
          <>
            <Lately drift={shown} />
            {shown.recent?.bands && <BandsFigure title="Source bands lately" bands={shown.recent.bands} />}
            {shown.segments.length > 0 && (
              <ScrolledTable
                label="By segment"
                look="days"
                caption="Today and yesterday (UTC), by segment"
                columns={SEGMENTS}
                rows={shown.segments}
              />
            )}
            <div class="group-head">
              <h2>Day by day</h2>
              <PeriodChoice period={period} />
            </div>
            <Gradually drift={shown} />
            <Days drift={shown} />
            <Accuracies drift={shown} />
            <div class="grid pairs calibration">
              <EstimatedAccuracy drift={shown} />
              <Reliability drift={shown} />
            </div>
          </>
        )}
      </Answered>
    </>
  );
}

function Lately({ drift: { recent, threshold } }: { drift: Drift }) {
  const { sentence, next } = verdictWords(recent, threshold);
  return (
    <>
      <p class="lead" role="status">
        {sentence} {next}
      </p>
      <h2 class="visually-hidden">Lately</h2>
      {recent?.drift && (
        <div class="grid pairs">
          <SharesFigure
            title={`${capitalised(recent.words.one)} shares lately`}
            meaning={`The newest ${counted(recent.n, 'prediction')} beside the reference. The longer a difference, the more it adds to the drift.`}
            numbers={recent}
          />
          <DriftNumbers drift={recent.drift} threshold={threshold} />
        </div>
      )}
    </>
  );
}

type OfSegment = Drift['segments'][number];

const SCORES: Column<Pick<OfSegment, 'drift'>>[] = [
  { head: 'Verdict', cell: ({ drift }) => (drift ? <VerdictBadge verdict={drift.verdict} /> : NONE) },
  numbers('Drift', ({ drift }) => orNone(drift?.jensenShannon, distance)),
  numbers('Noise floor', ({ drift }) => orNone(drift?.noiseFloor, distance)),
];

const SEGMENTS: Column<OfSegment>[] = [
  { head: 'Day', cell: ({ day }) => day },
  { head: 'Segment', cell: ({ by, name }) => outside(`${by} ${name}`) },
  ...SCORES,
  numbers('Chips', ({ chips }) => count(chips)),
  numbers('Predictions', ({ n }) => count(n)),
  { head: 'Bands that drift', cell: ({ bands }) => (bands.length === 0 ? NONE : outside(bands.join(', '))) },
  { head: 'Right, of those known', cell: ({ accuracy }) => (accuracy ? accuracyText(accuracy) : NONE) },
  { head: 'Shares', cell: ({ n, shares }) => (n === 0 ? NONE : outside(sharesText(shares, (name) => name))) },
];

/** The average of many days, which shows a decay that no single day does. */
const Gradually = ({ drift: { gradual, gradualThreshold } }: { drift: Drift }) =>
  gradual === null ? null : (
    <p class="small">
      <VerdictBadge verdict={gradual.verdict} /> The average of {counted(gradual.days, 'day')}, the newest of which
      weigh most, has moved {distance(gradual.jensenShannon)} away from the reference. Gradual drift is above{' '}
      {distance(gradualThreshold)}, and chance alone reaches {distance(gradual.noiseFloor)}.
    </p>
  );

function Days({ drift: { days, threshold } }: { drift: Drift }) {
  const areSeveral = new Set(days.map(({ model }) => model.version)).size > 1;
  const drawn = days.map((day) => ({ ...day, ...(areSeveral && { version: outsideText(day.model.version) }) }));
  const hasBands = days.some(({ bands }) => bands !== undefined);
  const areBroken = days.some(({ violations }) => violations !== undefined);
  const newest = days.at(-1);
  if (newest === undefined)
    return <Nothing>No day of this period has been judged. The sweep judges a UTC day after it has closed.</Nothing>;
  // How right they were has a table of its own.
  const shown = newest.figures.filter(({ name }) => name !== newest.accuracy?.figure.name);
  const figures = shown.map(({ name }) => numbers<Day>(name, ({ figures: all }) => figureNamed(name, all)));
  return (
    <>
      <ChartFigure
        title="Drift of each day"
        data={{ days: drawn, threshold }}
        draw={(shown, place) => driftChart(shown.days, { ...place, threshold, height: 240 })}
        meaning={areSeveral ? `${driftChartMeaning} ${versionsMeaning}` : driftChartMeaning}
      />
      <ScrolledTable
        label="Judged days"
        look="days"
        caption="Judged days, the newest first"
        columns={[...NUMBERS, ...(hasBands ? [FURTHEST] : []), ...(areBroken ? [VIOLATED] : []), ...figures, ...ORIGIN]}
        rows={days.toReversed()}
      />
    </>
  );
}

const FURTHEST: Column<Day> = {
  head: 'Furthest band',
  cell: ({ bands: [band] = [] }) => {
    if (band === undefined) return NONE;
    return (
      <>
        {outside(band.band)} {orNone(band.score, distance)} <VerdictBadge verdict={band.verdict} />
      </>
    );
  },
};

const VIOLATED: Column<Day> = {
  head: 'Data quality',
  cell: ({ violations = [] }) =>
    violations.length === 0
      ? NONE
      : outside(violations.map(({ band, violation, runs }) => `${band} ${violation} (${count(runs)})`).join(', ')),
};

const NUMBERS: Column<Day>[] = [
  { head: 'Day', cell: ({ day, revision }) => [day, revision > 1 && <small key="nth"> revision {revision}</small>] },
  ...SCORES,
  numbers('Predictions', ({ n }) => count(n)),
  numbers('Blank', ({ blank, chips }) => (chips === 0 ? NONE : percent(blank / chips))),
  numbers('Runs', ({ runs }) => count(runs)),
];

const ORIGIN: Column<Day>[] = [
  { head: 'Version', cell: ({ model }) => outside(model.version) },
  {
    head: 'Report',
    cell: ({ day, report }) =>
      report === null ? (
        NONE
      ) : (
        <a href={report} target="_blank" rel="noopener" aria-label={`report on ${day}, in a new tab`}>
          report
        </a>
      ),
  },
];
