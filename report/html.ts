import { minute } from '../charts/format.ts';
import { html } from '../core/base/text/html.ts';
import { accuracySection, calibrationSection } from './page/accuracy.ts';
import { bandsSection } from './page/bands.ts';
import { chipsSection } from './page/chips.ts';
import { dataQualitySection, filesSection } from './page/dataQuality.ts';
import { driftSection } from './page/drift.ts';
import { sharesSection } from './page/shares.ts';
import { STYLE } from './page/style.ts';
import { verdictSection } from './page/verdict.ts';
import type { Report } from './report.ts';

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });

/** The report as one HTML file to send: no scripts or external addresses, and below a megabyte, for which lists have an end. */
export function renderReport(report: Report): string {
  const { day, isOpen, madeAt, model, stage, verdict } = report;
  const about = `${model.name} ${model.version}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${day}: ${verdict.headline} – ${about}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p>Daily report on ${about}, stage ${stage}</p>
<h1>${date.format(new Date(day)).replace(',', '')}${isOpen && ', so far'}</h1>
</header>
<main>
${verdictSection(report)}
${sharesSection(report)}
${driftSection(report)}
${bandsSection(report)}
${dataQualitySection(report)}
${accuracySection(report)}
${calibrationSection(report)}
${chipsSection(report)}
${filesSection(report)}
</main>
<footer><p>Made by Swath at ${minute(madeAt)} UTC, from the scene files that arrived on ${day} (UTC) and ${about}. ${isOpen && 'The day is not over: its numbers are preliminary. '}The same as data: report.json beside this file.</p></footer>
</body>
</html>
`.html;
}
