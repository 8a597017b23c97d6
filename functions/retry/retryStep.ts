import * as z from 'zod';
import { onError } from '../../core/base/errors.ts';
import { makeStep } from '../../core/base/step.ts';
import { html } from '../../core/base/text/html.ts';
import { makeRetry, NotRetryable, type RetryPorts } from '../../core/ledger/retry.ts';

const retryMessageSchema = z.object({ run: z.string().regex(/^[0-9a-f]{32}$/, "is no run's id") });

/** The function retry: takes a run's id, returns HTML for the dashboard, also if the run cannot be retried. */
export function retryStep(ports: RetryPorts) {
  const retry = makeRetry(ports);
  return makeStep('retry', retryMessageSchema, async ({ run }, _invocation, log) => {
    log['run'] = run;
    const tried = await retry(run).catch(onError(NotRetryable, ({ message: refused }) => ({ refused })));
    Object.assign(log, tried);
    if ('refused' in tried) return html`<p><strong>It is not tried again.</strong> ${tried.refused}</p>`.html;
    return html`<p>Run ${run} is tried again. How it ends stands in the ledger in a moment.</p>`.html;
  });
}
