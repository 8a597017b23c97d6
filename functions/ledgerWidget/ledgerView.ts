import * as z from 'zod';
import { InvalidModelPackage, onError } from '../../core/base/errors.ts';
import { isUnassigned, type ModelRef } from '../../core/base/messages.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import { recentWindows } from '../../core/drift/recentWindow.ts';
import { judgeDrift, type Limits } from '../../core/drift/window.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { newestInStates, newestOfEachState } from '../../core/ledger/ledgerQueries.ts';
import { duplicateNote, hasText, type LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { RUNNING, SETTLED, STATES, type State } from '../../core/ledger/states.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import type { Models } from '../../core/releases/contract.ts';
import type { Promotion } from '../../core/releases/models.ts';

export type LedgerWidgetPorts = {
  ledger: Pick<Ledger, 'byState' | 'countByState' | 'ofDay'>;
  models: Pick<Models, 'promotion' | 'load'>;
  now: () => Date;
  /** The ARNs of this function, for the filter's button, and of the function retry, for the button of a failed run. */
  widgetArn: string;
  retryArn: string;
} & Limits &
  Pick<Settings, 'driftWindow'>;

/** The rows of a table. Each is a few kB at most, and Lambda's responses have up to 6 MB. */
const SHOWN = 25;
const FAILED_SHOWN = 10;
/** How many of the newest rows of each state are searched for a text, which takes a second or two. */
const SEARCHED = 500;
/** Counting stops here: it costs, and the exact number no longer matters. */
const MOST_COUNTED = 1000;

/** The ledger on a dashboard: the live version, the last day, failed runs, and the newest runs. */
export function makeLedgerView({ ledger, models, now, widgetArn, retryArn }: LedgerWidgetPorts) {
  return async (filter: Filter): Promise<Html> => {
    const [live, counts, failed, found] = await Promise.all([
      models.promotion().catch(asSentence),
      countStates(ledger, now()),
      newestInStates(ledger, ['FAILED'], { limit: FAILED_SHOWN }),
      find(filter),
    ]);
    return html`${STYLE}<div class="swath">
${liveLine(live)}
<p>Last 24 hours: ${counts}</p>
<h3>Failed, the newest ${FAILED_SHOWN}</h3>
${failed.length === 0 ? html`<p>No run has failed.</p>` : runsTable(failed, retryArn)}
<h3>Runs, the newest ${SHOWN}</h3>
${filterForm(filter, widgetArn)}
${filter.search !== '' && html`<p>Searched: the newest ${SEARCHED} runs of ${filter.state ?? 'each state'}.</p>`}
${found.length === 0 ? html`<p>No run matches.</p>` : runsTable(found, retryArn)}
</div>`;
  };

  async function find({ state, search }: Filter): Promise<LedgerRow[]> {
    const limit = search === '' ? SHOWN : SEARCHED;
    const rows = await newestOfEachState(ledger, state === null ? STATES : [state], { limit });
    return rows.filter((row) => hasText(row, search)).slice(0, SHOWN);
  }
}

/** If the promotion cannot be read, its error is shown in place of the version. */
const asSentence = onError(InvalidModelPackage, ({ message }) => message);

function liveLine(live: Promotion | string | null): Html {
  if (live === null) return html`<p><strong>No model version is promoted.</strong></p>`;
  return typeof live === 'string' ? html`<p><strong>${live}</strong></p>` : liveVersion(live);
}

/** The exact counts of a day's end states, and of runs in progress; too many to count are shown as "or more". */
async function countStates(ledger: Pick<Ledger, 'countByState'>, to: Date): Promise<Html> {
  const count = (state: State, from: Date) => ledger.countByState(state, { from, to, atMost: MOST_COUNTED });
  const ended = await Promise.all(SETTLED.map((state) => count(state, new Date(to.getTime() - DAY_MILLISECONDS))));
  const onTheirWay = await Promise.all(RUNNING.map((state) => count(state, new Date(0))));
  const running = onTheirWay.reduce((sum, one) => sum + one, 0);
  const isCut = Math.max(...onTheirWay) >= MOST_COUNTED;
  return html`${SETTLED.map((state, i) => html`${state}&nbsp;<strong>${shownCount(ended[i]!, ended[i]! >= MOST_COUNTED)}</strong> · `)}in progress&nbsp;<strong>${shownCount(running, isCut)}</strong>`;
}

const shownCount = (count: number, isCut: boolean) => `${count.toLocaleString('en-US')}${isCut ? ' or more' : ''}`;

/** Uses the dashboard's colours and fonts, for its light and dark themes. */
const STYLE = html`<style>
.swath table { border-collapse: collapse; width: 100%; }
.swath th, .swath td { text-align: left; vertical-align: top; padding: 2px 8px 2px 0; }
.swath td { overflow-wrap: anywhere; }
.swath .number { text-align: right; white-space: nowrap; }
.swath .nowrap { white-space: nowrap; }
</style>`;

const state = z.enum(STATES).nullable().catch(null);
export const filterSchema = z.object({ state, search: z.string().trim().catch('') });
type Filter = z.infer<typeof filterSchema>;

/** The form's values arrive with the next call, as `widgetContext.forms.all`. */
function filterForm({ state, search }: Filter, widgetArn: string): Html {
  const options = STATES.map((one) => html`<option value="${one}"${one === state && html` selected`}>${one}</option>`);
  return html`<form><table><tr>
<td><label>State <select name="state"><option value="">any</option>${options}</select></label></td>
<td><label>Text in file, run, model or error <input type="text" name="search" value="${search}" size="30"></label></td>
<td class="nowrap"><a class="btn btn-primary">Filter</a><cwdb-action action="call" endpoint="${widgetArn}">{"view": "ledger"}</cwdb-action>
<a class="btn">Show all</a><cwdb-action action="call" endpoint="${widgetArn}">{"view": "ledger", "all": true}</cwdb-action></td>
</tr></table></form>`;
}

/** The longest external text shown; `swath show RUN` prints all of it. */
const NAME_LETTERS = 200;
const MESSAGE_LETTERS = 400;

/** Renders runs as a table; a failed run has a button that calls the function retry, after a confirmation. */
const runsTable = (rows: LedgerRow[], retryArn: string): Html => html`<table>
<thead><tr><th>Changed (UTC)</th><th>State</th><th>File</th><th class="number">Chips</th><th>Model</th><th>Verdict or error</th><th>Run</th><th></th></tr></thead>
<tbody>${rows.map((row) => tableRow(row, retryArn))}</tbody>
</table>`;

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

const start = (text: string, letters: number): string => (text.length <= letters ? text : `${text.slice(0, letters)}…`);

/** Formats a time in UTC, to the second: `2026-03-01 12:00:05`. */
export const shownTime = (time: string): string => time.slice(0, 19).replace('T', ' ');

/** Shows the live model version, since when, and the verdict on the window `recent`, as the drift alarm sees it. */
export function makeStatusView({ ledger, models, now, driftWindow, ...limits }: LedgerWidgetPorts) {
  return () => status().catch(unreadable);

  async function status(): Promise<Html> {
    const live = await models.promotion();
    if (live === null)
      return html`<p><strong>No model version is promoted</strong>, so new files fail until one is. The sweep starts them then.</p>`;
    return html`${liveVersion(live)}${await verdict(live)}`;
  }

  async function verdict(live: ModelRef): Promise<Html> {
    const model = await models.load(live);
    const { window } = await recentWindows(ledger, model, { now: now(), predictions: driftWindow });
    const { runs, ...totals } = window;
    const { n, drift } = judgeDrift(totals, model, limits);
    if (drift === null) return html`<p>No verdict: nothing was predicted today or yesterday (UTC).</p>`;
    const score = drift.jensenShannon.toFixed(3);
    return html`<p style="font-size: 1.4em"><strong>${drift.verdict}</strong></p>
<p>Score ${score}; the alarm is above ${limits.threshold}, and chance alone reaches ${drift.noiseFloor.toFixed(3)} with n = ${n.toLocaleString('en-US')} predictions (of today's and yesterday's newest runs, UTC: ${runs.toLocaleString('en-US')}).</p>`;
  }
}

const unreadable = onError(
  InvalidModelPackage,
  ({ message }) => html`<p><strong>The live model cannot be read.</strong> ${message}</p>`,
);

function liveVersion({ name, version, promotedAt }: ModelRef & { promotedAt: string | null }): Html {
  const since = promotedAt !== null && html` since ${shownTime(promotedAt)} UTC`;
  return html`<p>Live: <strong>${name} ${version}</strong>${since}</p>`;
}
