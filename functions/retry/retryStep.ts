import * as z from 'zod';
import { html } from '../../core/html.ts';
import { makeRetry, NotRetryable, type RetryPorts } from '../../core/ledger/retry.ts';
import { makeStep, type Work } from '../../core/step.ts';

/** What the button on the dashboard sends. */
const retryMessageSchema = z.object({ run: z.string().regex(/^[0-9a-f]{32}$/, "is no run's id") });
type RetryMessage = z.infer<typeof retryMessageSchema>;

/** The function retry: a run's id in, HTML for the dashboard out, also where the run is not to be tried again. */
export const retryStep = (ports: RetryPorts) => makeStep('retry', retryMessageSchema, makeWork(ports));

function makeWork(ports: RetryPorts): Work<RetryMessage, string> {
  const retry = makeRetry(ports);
  return async ({ run }, _invocation, log) => {
    log['run'] = run;
    try {
      const { execution } = await retry(run);
      log['execution'] = execution;
      return html`<p>Run ${run} is tried again. How it ends stands in the ledger in a moment.</p>`.html;
    } catch (error) {
      if (!(error instanceof NotRetryable)) throw error;
      log['refused'] = error.message;
      return html`<p><strong>It is not tried again.</strong> ${error.message}</p>`.html;
    }
  };
}
