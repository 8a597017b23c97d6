import * as z from 'zod';
import { makeStep } from '../../core/base/step.ts';
import { filterSchema, type LedgerWidgetPorts, makeLedgerView, makeStatusView } from './ledgerView.ts';

/**
 * CloudWatch's event for a custom widget: the parameters in the dashboard, or those of the pressed button, and in `widgetContext`
 * the form's values. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 */
const widgetEventSchema = z.object({
  view: z.enum(['status', 'ledger']).default('ledger'),
  all: z.boolean().default(false),
  widgetContext: z
    .object({ forms: z.object({ all: filterSchema }) })
    .optional()
    .catch(undefined),
});

/** The function ledgerWidget: takes CloudWatch's event, returns HTML. */
export function ledgerWidgetStep(ports: LedgerWidgetPorts) {
  const views = { status: makeStatusView(ports), ledger: makeLedgerView(ports) };
  return makeStep('ledgerWidget', widgetEventSchema, async (event, _invocation, log) => {
    const { view, all, widgetContext } = event;
    const { html } = await views[view]((!all && widgetContext?.forms.all) || { state: null, search: '' });
    Object.assign(log, { view, bytes: Buffer.byteLength(html) });
    return html;
  });
}
