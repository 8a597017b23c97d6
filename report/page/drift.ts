import { driftChart, driftChartMeaning } from '../../charts/drift.ts';
import { type Fact, scoreFacts } from '../../charts/driftWords.ts';
import { count, cut, distance, NONE, orNone } from '../../charts/format.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { accuracyText, referenceText, sharesText } from '../../core/drift/driftText.ts';
import type { ShownSegment } from '../../core/drift/segments.ts';
import type { DriftScores } from '../../core/ledger/ledgerRow.ts';
import { DAYS_SHOWN, firstDayShown, type Report, type ReportedDay } from '../report.ts';
import { CANVAS, drawing, factTable, headOf, NEWEST_FIRST, nameCell, numberCells, table, wide } from './parts.ts';

export function driftSection(report: Report): Html {
  const { day, days, drift, threshold, segments } = report;
  const chart = driftChart(days, { ...CANVAS, height: 240, threshold, from: firstDayShown(day), to: day });
  const numbers = ['Chips', 'Predictions', 'Drift', 'Noise floor'];
  const texts = ['Verdict', 'Source bands that drift', 'Right, of those known', 'Predicted'];
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
${segments.length > 0 && wide('The numbers of each segment', table('The same for each segment', headOf(['Segment'], numbers, texts), segments.map(segmentRow)))}
${
  days.length > 0 &&
  html`
<details><summary>The chart's numbers</summary>
${wide('The numbers of each day', table('Each judged day', headOf(['Day'], ['Files', 'Predictions', 'Drift', 'Noise floor'], ['Verdict']), days.toReversed().map(dayRow)))}
</details>`
}
</section>`;
}

function segmentRow({ by, name, chips, n, drift, bands, shares, accuracy }: ShownSegment): Html {
  const scores = [drift?.jensenShannon, drift?.noiseFloor].map((score) => orNone(score, distance));
  const told = n === 0 ? NONE : sharesText(shares, (one) => cut(one, 40));
  return html`<tr>${nameCell(`${by} ${name}`)}${numberCells(count(chips), count(n), ...scores)}<td>${drift?.verdict ?? 'nothing predicted'}</td><td>${bands.join(', ')}</td><td>${accuracy ? accuracyText(accuracy) : NONE}</td><td>${told}</td></tr>`;
}

function dayRow({ day, runs, n, drift }: ReportedDay): Html {
  const scores = [drift?.jensenShannon, drift?.noiseFloor].map((score) => orNone(score, distance));
  return html`<tr>${nameCell(day)}${numberCells(count(runs), count(n), ...scores)}<td>${drift?.verdict ?? 'nothing predicted'}</td></tr>`;
}

function scoresOf(drift: DriftScores, threshold: number): Fact[] {
  const from = drift.season ? ` from ${referenceText(drift)}` : '';
  return [['Verdict', drift.verdict, `drift means a distance above ${threshold}${from}`], ...scoreFacts(drift)];
}
