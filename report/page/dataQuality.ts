import { type Html, html } from '../../core/html.ts';
import { STATES, type State } from '../../core/ledger/ledgerRow.ts';
import type { Report, ReportedFile } from '../report.ts';
import { fitting } from './fitting.ts';
import { cut, share, whole } from './numbers.ts';

const MEANINGS: Record<State, string> = {
  CLAIMED: 'on the way: being read',
  PREPARED: 'on the way: being classified',
  PREDICTED: 'on the way: being judged',
  DONE: 'classified',
  EMPTY: 'all chips blank, so nothing to classify',
  DUPLICATE: 'the same bytes as another file, which counts once',
  INVALID: 'can never be classified',
  FAILED: 'went wrong, and may be tried again',
};
const FILE_LETTERS = 200;
/** Of the page's megabyte. */
const LIST_BYTES = 90_000;

/** What arrived and what became of it; what went wrong, with its reason. */
export function dataQualitySection({ files, chips, blank, n, missing, missingShare }: Report): Html {
  const present = STATES.filter((state) => files.states[state] > 0);
  const wrong = files.listed.filter(({ error }) => error !== null);
  return html`
<section>
<h2>Data quality</h2>
${
  present.length === 0
    ? html`<p>No scene file arrived on this day.</p>`
    : html`
<table class="together facts">
<caption>Files that arrived on this day, by what became of them${files.isCut && ' (there may be more)'}</caption>
<thead><tr><th scope="col">State</th><th scope="col" class="number">Files</th><th scope="col">Meaning</th></tr></thead>
<tbody>${present.map(
        (state) =>
          html`<tr><th scope="row" class="state${(state === 'INVALID' || state === 'FAILED') && ' bad'}">${state}</th><td class="number">${whole(files.states[state])}</td><td>${MEANINGS[state]}</td></tr>`,
      )}</tbody>
</table>`
}
${
  chips > 0 &&
  html`
<table class="together facts">
<caption>Chips in the files that count</caption>
<tbody>
<tr><th scope="row">Chips</th><td class="number">${whole(chips)}</td><td></td></tr>
<tr><th scope="row">Blank</th><td class="number">${whole(blank)}</td><td>${share(blank / chips)} of the chips: nothing on them, so not classified</td></tr>
<tr><th scope="row">Predicted</th><td class="number">${whole(n)}</td><td>given a class</td></tr>
<tr><th scope="row">Missing</th><td class="number">${whole(missing)}</td><td>${share(missingShare)} of those classified: the model's output was not finite</td></tr>
</tbody>
</table>`
}
${wrong.length > 0 && troubleTable(wrong, files.states.INVALID + files.states.FAILED)}
</section>`;
}

function troubleTable(wrong: readonly ReportedFile[], all: number): Html {
  const shown = fitting(wrong.map(troubleRow), LIST_BYTES);
  const more = all - shown.length;
  const isShort = shown.length <= 6; // kept on one printed page
  return html`
<table class="troubles${isShort && ' together'}">
<caption>Files that went wrong, and why</caption>
<thead><tr><th scope="col">File</th><th scope="col">State</th><th scope="col">Error</th></tr></thead>
<tbody>${shown}</tbody>
</table>
${more > 0 && html`<p class="note">${whole(more)} more: "swath runs" lists them.</p>`}`;
}

function troubleRow({ file, state, error }: ReportedFile): Html {
  const attempts = error && state === 'FAILED' && ` (attempt ${error.attempt} of ${error.attemptLimit})`;
  return html`<tr><th scope="row">${cut(file, FILE_LETTERS)}</th><td class="state bad">${state}</td><td>${error?.message}<br><span class="note">${error?.name} in ${error?.step}${attempts}</span></td></tr>`;
}
