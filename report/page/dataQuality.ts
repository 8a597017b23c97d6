import { count, cut, NONE, orNone } from '../../charts/format.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { percent } from '../../core/base/text/numbers.ts';
import { printable } from '../../core/base/text/printable.ts';
import { MEANINGS, STATES } from '../../core/ledger/states.ts';
import { shownAs } from '../../core/tasks/shownRegistry.ts';
import type { Report, ReportedFile } from '../report.ts';
import { factTable, fitting, headOf, NAME_LETTERS, nameCell, numberCells, table } from './parts.ts';

/** Of the page's megabyte. */
const LIST_BYTES = 90_000;

export function dataQualitySection(report: Report): Html {
  const { task, files, chips, blank, masked = 0, n, missing, missingShare, violations = [] } = report;
  const { one } = shownAs(task).words;
  const missedShare = orNone(missingShare, percent);
  const present = STATES.filter((state) => files.states[state] > 0);
  const wrong = files.listed.filter(({ error }) => error !== null);
  return html`
<section>
<h2>Data quality</h2>
${
  present.length === 0
    ? html`<p>No scene file arrived on this day.</p>`
    : table(
        `Files that arrived on this day, by state${files.isCut ? ' (there may be more)' : ''}`,
        headOf(['State'], ['Files'], ['Meaning']),
        present.map((state) => {
          const isBad = state === 'INVALID' || state === 'FAILED';
          return html`<tr><th scope="row" class="state${isBad && ' bad'}">${state}</th>${numberCells(count(files.states[state]))}<td>${MEANINGS[state]}</td></tr>`;
        }),
        'together facts',
      )
}
${
  chips > 0 &&
  factTable('Chips in the files that count', [
    ['Chips', count(chips), masked > 0 ? `${count(masked)} of them masked: under clouds, so in no verdict` : ''],
    ['Blank', count(blank), `${percent(blank / chips)} of the chips: nothing on them, so not classified`],
    ['Predicted', count(n), `given a ${one}`],
    ['Missing', count(missing), `${missedShare} of those classified: no finite output where there is data`],
  ])
}
${violations.length > 0 && violationTable(violations)}
${wrong.length > 0 && troubleTable(wrong, files.states.INVALID + files.states.FAILED)}
</section>`;
}

function violationTable(violations: NonNullable<Report['violations']>): Html {
  const rows = violations.map(
    ({ band, violation, runs }) =>
      html`<tr>${nameCell(cut(printable(band), NAME_LETTERS))}<td>${violation}</td>${numberCells(count(runs))}</tr>`,
  );
  const head = headOf(['Band', 'Rule'], ['Files']);
  return table('Data quality rules that files break, by source band', head, rows, 'together');
}

function troubleTable(wrong: readonly ReportedFile[], all: number): Html {
  const shown = fitting(wrong.map(troubleRow), LIST_BYTES);
  const look = shown.length <= 6 ? 'refusals together' : 'refusals'; // kept on one printed page
  return html`
${table('Files that went wrong, and why', headOf(['File', 'State', 'Error']), shown, look)}
${moreFiles(all - shown.length)}`;
}

function troubleRow({ file, state, error }: ReportedFile): Html {
  const attempts = error && state === 'FAILED' && ` (attempt ${error.attempt} of ${error.attemptLimit})`;
  return html`<tr>${nameCell(cut(file, FILE_LETTERS))}<td class="state bad">${state}</td><td>${error?.message}<br><span class="note">${error?.name} in ${error?.step}${attempts}</span></td></tr>`;
}

export const FILE_LETTERS = 200;
/** Of the page's megabyte. */
const FILE_LIST_BYTES = 70_000;

export function filesSection({ files }: Report): Html | null {
  const hasMost = files.listed.some(({ mostCommon }) => mostCommon !== null);
  const all = Object.values(files.states).reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  const rows = files.listed.slice(0, 100).map((file) => row(file, hasMost));
  const shown = fitting(rows, FILE_LIST_BYTES);
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
