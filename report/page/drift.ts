import { driftChartMeaning } from '../../charts/drift.ts';
import { type Html, html } from '../../core/html.ts';
import type { DriftScores } from '../../core/ledger/ledgerRow.ts';
import { DAYS_SHOWN, firstDayShown, type Report } from '../report.ts';
import { drawDrift } from './charts.ts';
import { pValue, score, whole } from './numbers.ts';
import { wide } from './wide.ts';

/** The day's scores, and how they came about over the last days. */
export function driftSection({ day, days, drift, threshold }: Report): Html {
  return html`
<section>
<h2>Drift over the last ${DAYS_SHOWN} days</h2>
<figure class="together">${wide('Chart of drift', drawDrift(days, { threshold, from: firstDayShown(day), to: day }))}
<figcaption>${driftChartMeaning}</figcaption></figure>
${
  drift === null
    ? html`<p class="note">There is no score for this day: nothing was predicted.</p>`
    : html`
<table class="together facts">
<caption>Scores of this day's predictions against the reference</caption>
<tbody>${scoresOf(drift, threshold).map(
        ([name, value, meaning]) =>
          html`<tr><th scope="row">${name}</th><td class="number">${value}</td><td>${meaning}</td></tr>`,
      )}</tbody>
</table>`
}
${
  days.length > 0 &&
  html`
<details><summary>The chart's numbers</summary>
${wide(
  'The numbers of each day',
  html`<table>
<caption>Each judged day</caption>
<thead><tr><th scope="col">Day</th><th scope="col" class="number">Files</th><th scope="col" class="number">Predictions</th><th scope="col" class="number">Drift</th><th scope="col" class="number">Noise floor</th><th scope="col">Verdict</th></tr></thead>
<tbody>${days
    .toReversed()
    .map(
      (one) =>
        html`<tr><th scope="row">${one.day}</th><td class="number">${whole(one.runs)}</td><td class="number">${whole(one.n)}</td><td class="number">${score(one.drift?.jensenShannon ?? null)}</td><td class="number">${score(one.drift?.noiseFloor ?? null)}</td><td>${one.drift?.verdict ?? 'nothing predicted'}</td></tr>`,
    )}</tbody>
</table>`,
)}
</details>`
}
</section>`;
}

function scoresOf(drift: DriftScores, threshold: number): [name: string, value: string, meaning: string][] {
  const { statistic, degreesOfFreedom, pValue: p } = drift.chiSquare;
  return [
    ['Verdict', drift.verdict, `drift means a distance above ${threshold}`],
    ['Jensen–Shannon distance', score(drift.jensenShannon), 'the drift score: 0 for equal shares, at most 0.833'],
    ['Noise floor', score(drift.noiseFloor), 'what the distance exceeds by chance in one quiet day of a hundred'],
    [
      'Chi-square',
      statistic === null ? '∞' : statistic.toFixed(1),
      `at ${degreesOfFreedom} degrees of freedom, p ${p < 0.001 ? pValue(p) : `= ${pValue(p)}`}`,
    ],
    [
      'PSI',
      score(drift.psi),
      'population stability index; a rule of thumb takes more than 0.2 for a shift, but the verdict goes by the distance',
    ],
    ['Predictions', whole(drift.n), 'that the scores are about'],
  ];
}
