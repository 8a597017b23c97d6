import { minute } from '../charts/format.ts';
import { html } from '../core/base/text/html.ts';
import { accuracySection } from './page/accuracy.ts';
import { bandsSection } from './page/bands.ts';
import { calibrationSection } from './page/calibration.ts';
import { chipsSection } from './page/chips.ts';
import { dataQualitySection } from './page/dataQuality.ts';
import { htmlDocument } from './page/document.ts';
import { driftSection } from './page/drift.ts';
import { filesSection } from './page/files.ts';
import { sharesSection } from './page/shares.ts';
import { verdictSection } from './page/verdict.ts';
import type { Report } from './report.ts';

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });

/** The report as one HTML file to send: always below a megabyte, for which lists have an end. */
export function renderReport(report: Report): string {
  const { day, isOpen, madeAt, model, stage, verdict } = report;
  const about = `${model.name} ${model.version}`;
  const main = html`${verdictSection(report)}
${sharesSection(report)}
${driftSection(report)}
${bandsSection(report)}
${dataQualitySection(report)}
${accuracySection(report)}
${calibrationSection(report)}
${chipsSection(report)}
${filesSection(report)}`;
  const preliminary = isOpen && 'The day is not over: its numbers are preliminary. ';
  return htmlDocument(
    {
      title: `${day}: ${verdict.headline} – ${about}`,
      above: `Daily report on ${about}, stage ${stage}`,
      heading: `${date.format(new Date(day)).replace(',', '')}${isOpen ? ', so far' : ''}`,
      footer: html`<p>Made by Swath at ${minute(madeAt)} UTC, from the scene files that arrived on ${day} (UTC) and ${about}. ${preliminary}The same as data: report.json beside this file.</p>`,
    },
    main,
  );
}
