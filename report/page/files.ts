import { type Html, html } from '../../core/html.ts';
import type { Report, ReportedFile } from '../report.ts';
import { fitting } from './fitting.ts';
import { cut, NOTHING, share, whole } from './numbers.ts';

const FILES_SHOWN = 100;
const FILE_LETTERS = 200;
/** Of the page's megabyte. */
const LIST_BYTES = 70_000;

/** Which files the report is about. */
export function filesSection({ files }: Report): Html | null {
  const all = Object.values(files.states).reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  const shown = fitting(files.listed.slice(0, FILES_SHOWN).map(row), LIST_BYTES);
  const more = all - shown.length;
  return html`
<section>
<h2>Files</h2>
<div class="wide" role="region" aria-label="Table of the files" tabindex="0"><table>
<caption>The files of this day</caption>
<thead><tr><th scope="col">File</th><th scope="col">State</th><th scope="col" class="number">Chips</th><th scope="col" class="number">Blank</th><th scope="col">Most common class</th></tr></thead>
<tbody>${shown}</tbody>
</table></div>
${more > 0 && html`<p class="note">${whole(more)} more: "swath runs" lists them.</p>`}
</section>`;
}

function row({ file, state, chips, blank, mostCommon }: ReportedFile): Html {
  const isBad = state === 'INVALID' || state === 'FAILED';
  const most = mostCommon === null ? NOTHING : `${cut(mostCommon.name, 40)} ${share(mostCommon.share)}`;
  return html`<tr><th scope="row">${cut(file, FILE_LETTERS)}</th><td class="state${isBad && ' bad'}">${state}</td><td class="number">${whole(chips)}</td><td class="number">${whole(blank)}</td><td>${most}</td></tr>`;
}
