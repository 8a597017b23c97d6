import { driftChart, driftChartMeaning } from '../../charts/drift.ts';
import { count, distance, orNone, pValue } from '../../charts/format.ts';
import { type Html, html } from '../../core/html.ts';
import type { DriftScores } from '../../core/ledger/ledgerRow.ts';
import { DAYS_SHOWN, firstDayShown, type Report, type ReportedDay } from '../report.ts';
import { CANVAS, drawing, factTable, headOf, NEWEST_FIRST, nameCell, numberCells, table, wide } from './parts.ts';

/** The day's scores, and how they came about over the last days. */
export function driftSection({ day, days, drift, threshold }: Report): Html {
  const chart = driftChart(days, { ...CANVAS, height: 240, threshold, from: firstDayShown(day), to: day });
  return html`
<section>
<h2>Drift over the last ${DAYS_SHOWN} days</h2>
<figure class="together">${wide('Chart of drift', drawing(chart), NEWEST_FIRST)}
<figcaption>${driftChartMeaning}</figcaption></figure>
${
  drift === null
    ? html`<p class="note">There is no score for this day: nothing was predicted.</p>`
    : factTable("Scores of this day's predictions against the reference", scoresOf(drift, threshold))
}
${
  days.length > 0 &&
  html`
<details><summary>The chart's numbers</summary>
${wide('The numbers of each day', table('Each judged day', DAY_HEAD, days.toReversed().map(dayRow)))}
</details>`
}
</section>`;
}

const DAY_HEAD = headOf(['Day'], ['Files', 'Predictions', 'Drift', 'Noise floor'], ['Verdict']);

function dayRow({ day, runs, n, drift }: ReportedDay): Html {
  const scores = [drift?.jensenShannon, drift?.noiseFloor].map((score) => orNone(score, distance));
  return html`<tr>${nameCell(day)}${numberCells(count(runs), count(n), ...scores)}<td>${drift?.verdict ?? 'nothing predicted'}</td></tr>`;
}

function scoresOf(drift: DriftScores, threshold: number): [name: string, value: string, meaning: string][] {
  const { statistic, degreesOfFreedom, pValue: p } = drift.chiSquare;
  return [
    ['Verdict', drift.verdict, `drift means a distance above ${threshold}`],
    ['Jensen–Shannon distance', distance(drift.jensenShannon), 'the drift score: 0 for equal shares, at most 0.833'],
    ['Noise floor', distance(drift.noiseFloor), 'what the distance exceeds by chance in one quiet day of a hundred'],
    [
      'Chi-square',
      statistic === null ? '∞' : statistic.toFixed(1),
      `at ${degreesOfFreedom} degrees of freedom, p ${p < 0.001 ? pValue(p) : `= ${pValue(p)}`}`,
    ],
    [
      'PSI',
      distance(drift.psi),
      'population stability index; a rule of thumb takes more than 0.2 for a shift, but the verdict goes by the distance',
    ],
    ['Predictions', count(drift.n), 'that the scores are about'],
  ];
}
