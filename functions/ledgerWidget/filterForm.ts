import * as z from 'zod';
import { STATES } from '../../core/ledger/ledgerRow.ts';
import { type Html, html } from '../../core/text/html.ts';

export const filterSchema = z.object({
  state: z.enum(STATES).nullable().catch(null),
  search: z.string().trim().catch(''),
});
/** The filter for runs: a state, and a text. */
export type Filter = z.infer<typeof filterSchema>;

/** The form's values arrive with the next call, as `widgetContext.forms.all`. */
export function filterForm({ state, search }: Filter, widgetArn: string): Html {
  const options = STATES.map((one) => html`<option value="${one}"${one === state && html` selected`}>${one}</option>`);
  return html`<form><table><tr>
<td><label>State <select name="state"><option value="">any</option>${options}</select></label></td>
<td><label>Text in file, run, model or error <input type="text" name="search" value="${search}" size="30"></label></td>
<td class="nowrap"><a class="btn btn-primary">Filter</a><cwdb-action action="call" endpoint="${widgetArn}">{"view": "ledger"}</cwdb-action>
<a class="btn">Show all</a><cwdb-action action="call" endpoint="${widgetArn}">{"view": "ledger", "all": true}</cwdb-action></td>
</tr></table></form>`;
}
