import { useMemo } from 'preact/hooks';
import { driftChart, driftChartMeaning } from '../../../charts/drift.ts';
import { percent } from '../../../charts/units.ts';
import type { Drift } from '../../api.ts';
import { count, distance, NONE, orNone } from '../format.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Chart } from '../parts/chart.tsx';
import { DriftNumbers } from '../parts/driftNumbers.tsx';
import { Scroller } from '../parts/numbersTable.tsx';
import { Outside } from '../parts/outside.tsx';
import { SharesFigure } from '../parts/sharesFigure.tsx';
import { VerdictBadge } from '../parts/verdictBadge.tsx';
import { queryText, type Route } from '../route.ts';
import { useAnswer } from '../useAnswer.ts';
import { replaceQuery } from '../useRoute.ts';
import { verdictWords } from '../verdict.ts';

const SPANS = ['15', '30', '90'];
const USUAL_SPAN = '30';
type Day = Drift['days'][number];

/** The reference against what came lately, and day by day. */
export function DriftPage({ route }: { route: Route }) {
  const days = SPANS.find((span) => span === route.query['days']) ?? USUAL_SPAN;
  const [drift, again] = useAnswer<Drift>(`/api/drift${queryText({ days })}`, ['metrics', 'runs']);
  return (
    <>
      <h1 tabIndex={-1}>Drift</h1>
      <Answered answer={drift} what="the drift" again={again}>
        {(shown) => (
          <>
            <Lately drift={shown} />
            <div class="group-head">
              <h2>Day by day</h2>
              <label class="span">
                Show{' '}
                <select value={days} onChange={(event) => replaceQuery(route, { days: event.currentTarget.value })}>
                  {SPANS.map((span) => (
                    <option key={span} value={span}>{`the last ${span} days`}</option>
                  ))}
                </select>
              </label>
            </div>
            <Days drift={shown} />
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
      {recent?.drift && (
        <div class="grid pairs">
          <SharesFigure
            title="Class shares lately"
            meaning={`The ${count(recent.n)} newest predictions beside the reference. The longer a difference, the more it adds to the drift.`}
            classes={recent.classes}
          />
          <DriftNumbers drift={recent.drift} threshold={threshold} />
        </div>
      )}
    </>
  );
}

function Days({ drift: { days, threshold } }: { drift: Drift }) {
  const drawn = useMemo(() => ({ days, threshold }), [days, threshold]);
  if (days.length === 0)
    return <Nothing>No day has been judged yet. The daily sweep judges a UTC day after it has closed.</Nothing>;
  return (
    <>
      <figure class="panel card">
        <h3>Drift of each day</h3>
        <Chart
          data={drawn}
          draw={(shown, width) => driftChart(shown.days, { threshold: shown.threshold, width, height: 240 })}
          reading={readingOf(drawn)}
        />
        <figcaption class="meaning">{driftChartMeaning}</figcaption>
      </figure>
      <Scroller label="Judged days">
        <table class="days">
          <caption class="visually-hidden">Judged days, the newest first</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">Verdict</th>
              <th scope="col" class="number">
                Drift
              </th>
              <th scope="col" class="number">
                Noise floor
              </th>
              <th scope="col" class="number">
                Predictions
              </th>
              <th scope="col" class="number">
                Blank
              </th>
              <th scope="col" class="number">
                Runs
              </th>
              <th scope="col">Most common class</th>
              <th scope="col" class="number">
                Mean probability
              </th>
              <th scope="col">Version</th>
              <th scope="col">Report</th>
            </tr>
          </thead>
          <tbody>
            {[...days].reverse().map((day) => (
              <DayRow key={`${day.day} ${day.model.version}`} day={day} />
            ))}
          </tbody>
        </table>
      </Scroller>
    </>
  );
}

function DayRow({ day }: { day: Day }) {
  const { drift, n, chips, blank, runs, mostCommonShare, meanProbability, model, classes, report } = day;
  const most = classes.find(({ share }) => share === mostCommonShare);
  return (
    <tr>
      <th scope="row">
        {day.day}
        {day.revision > 1 && <small> revision {day.revision}</small>}
      </th>
      <td>{drift === null ? NONE : <VerdictBadge verdict={drift.verdict} />}</td>
      <td class="number">{drift === null ? NONE : distance(drift.jensenShannon)}</td>
      <td class="number">{drift === null ? NONE : distance(drift.noiseFloor)}</td>
      <td class="number">{count(n)}</td>
      <td class="number">{chips === 0 ? NONE : percent(blank / chips)}</td>
      <td class="number">{count(runs)}</td>
      <td>
        {most === undefined ? (
          NONE
        ) : (
          <>
            <Outside text={most.name} /> {percent(most.share)}
          </>
        )}
      </td>
      <td class="number">{orNone(meanProbability, percent)}</td>
      <td>
        <Outside text={model.version} />
      </td>
      <td>
        {report === null ? (
          NONE
        ) : (
          <a href={report} target="_blank" rel="noopener" aria-label={`report on ${day.day}, in a new tab`}>
            report
          </a>
        )}
      </td>
    </tr>
  );
}

function readingOf({ days, threshold }: { days: Day[]; threshold: number }): string {
  const each = days.map(
    ({ day, drift }) =>
      `${day} ${drift === null ? 'nothing predicted' : `${distance(drift.jensenShannon)}, ${drift.verdict}`}`,
  );
  return `Drift of each day, with the threshold ${threshold}: ${each.join('; ')}.`;
}
