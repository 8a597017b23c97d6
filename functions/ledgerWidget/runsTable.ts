import { duplicateNote, type LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isUnassigned } from '../../core/run.ts';
import { type Html, html } from '../../core/text/html.ts';

/** The longest external text shown; `swath show RUN` prints all of it. */
const NAME_LETTERS = 200;
const MESSAGE_LETTERS = 400;

/** Renders runs as a table; a failed run has a button that calls the function retry, after a confirmation. */
export function runsTable(rows: LedgerRow[], retryArn: string): Html {
  return html`<table>
<thead><tr><th>Changed (UTC)</th><th>State</th><th>File</th><th class="number">Chips</th><th>Model</th><th>Verdict or error</th><th>Run</th><th></th></tr></thead>
<tbody>${rows.map((row) => tableRow(row, retryArn))}</tbody>
</table>`;
}

function tableRow(row: LedgerRow, retryArn: string): Html {
  const { run, changed, state, scene, chips, blank, model } = row;
  const counted = chips === undefined ? '–' : `${chips.toLocaleString('en-US')}${blank ? ` (${blank} blank)` : ''}`;
  return html`<tr>
<td class="nowrap">${shownTime(changed)}</td><td class="nowrap"><strong>${state}</strong></td><td>${start(scene.key, NAME_LETTERS)}</td>
<td class="number">${counted}</td><td>${isUnassigned(model) ? 'none was promoted' : start(`${model.name} ${model.version}`, NAME_LETTERS)}</td>
<td>${outcome(row)}</td><td><code>${run}</code></td><td class="nowrap">${state === 'FAILED' && retryButton(row, retryArn)}</td>
</tr>`;
}

function outcome(row: LedgerRow): Html {
  const { error, drift, duplicateOf, attempt, attemptLimit } = row;
  if (error !== undefined)
    return html`<strong>${start(error.name, NAME_LETTERS)}</strong> in ${error.step}, attempt ${attempt} of ${attemptLimit}: ${start(error.message, MESSAGE_LETTERS)}`;
  if (duplicateOf !== undefined) return html`${duplicateNote(row)} <code>${duplicateOf}</code>, which counts`;
  if (!drift) return html`–`;
  return html`${drift.verdict}, ${drift.jensenShannon.toFixed(3)} at n = ${drift.n.toLocaleString('en-US')}`;
}

function retryButton({ run, scene }: LedgerRow, retryArn: string): Html {
  const question = `Try ${start(scene.key, NAME_LETTERS)} (run ${run}) once more?`;
  return html`<a class="btn">Try again</a><cwdb-action action="call" display="popup" endpoint="${retryArn}" confirmation="${question}">${JSON.stringify({ run })}</cwdb-action>`;
}

function start(text: string, letters: number): string {
  return text.length <= letters ? text : `${text.slice(0, letters)}…`;
}

/** Formats a time in UTC, to the second: `2026-03-01 12:00:05`. */
export function shownTime(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}
