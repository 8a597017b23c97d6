import { count, cut, orNone } from '../../charts/format.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { percent } from '../../core/base/text/numbers.ts';
import { printable } from '../../core/base/text/printable.ts';
import { MEANINGS, STATES } from '../../core/ledger/states.ts';
import { shownAs } from '../../core/tasks/shownRegistry.ts';
import type { Report, ReportedFile } from '../report.ts';
import { FILE_LETTERS, moreFiles } from './files.ts';
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
