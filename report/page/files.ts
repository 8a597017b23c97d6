import { count, cut, NONE, orNone } from '../../charts/format.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { percent } from '../../core/base/text/numbers.ts';
import type { Report, ReportedFile } from '../report.ts';
import { fitting, headOf, NAME_LETTERS, nameCell, numberCells, table } from './parts.ts';

export const FILE_LETTERS = 200;
/** Of the page's megabyte. */
const LIST_BYTES = 70_000;

export function filesSection({ files }: Report): Html | null {
  const hasMost = files.listed.some(({ mostCommon }) => mostCommon !== null);
  const all = Object.values(files.states).reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  const rows = files.listed.slice(0, 100).map((file) => row(file, hasMost));
  const shown = fitting(rows, LIST_BYTES);
  const head = headOf(['File', 'State'], ['Chips', 'Blank'], hasMost ? ['Most common class'] : []);
  return html`
<section>
<h2>Files</h2>
<div class="wide" role="region" aria-label="Table of the files" tabindex="0">${table('The files of this day', head, shown)}</div>
${moreFiles(all - shown.length)}
</section>`;
}

/** That a list of files has an end. */
export const moreFiles = (more: number): Html | false =>
  more > 0 && html`<p class="note">${count(more)} more: "swath runs" lists them.</p>`;

function row({ file, state, chips, blank, mostCommon }: ReportedFile, hasMost: boolean): Html {
  const isBad = state === 'INVALID' || state === 'FAILED';
  const most = mostCommon === null ? NONE : `${cut(mostCommon.name, NAME_LETTERS)} ${percent(mostCommon.share)}`;
  return html`<tr>${nameCell(cut(file, FILE_LETTERS))}<td class="state${isBad && ' bad'}">${state}</td>${numberCells(orNone(chips, count), orNone(blank, count))}${hasMost && html`<td>${most}</td>`}</tr>`;
}
