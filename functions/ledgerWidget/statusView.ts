import { recentPredictions } from '../../core/drift/recentWindow.ts';
import { judgeDrift } from '../../core/drift/window.ts';
import { InvalidModelPackage } from '../../core/errors.ts';
import type { ModelRef } from '../../core/messages.ts';
import { type Html, html } from '../../core/text/html.ts';
import type { LedgerWidgetPorts } from './ports.ts';
import { shownTime } from './runsTable.ts';

/** Shows the live model version, since when, and the verdict on the window `recent`, as the drift alarm sees it. */
export function makeStatusView({ ledger, models, now, threshold, minimum, driftWindow }: LedgerWidgetPorts) {
  return async (): Promise<Html> => {
    try {
      const live = await models.promotion();
      if (live === null)
        return html`<p><strong>No model version is promoted</strong>, so new files fail until one is. The sweep starts them then.</p>`;
      return html`${liveVersion(live)}${await verdict(live)}`;
    } catch (error) {
      if (!(error instanceof InvalidModelPackage)) throw error;
      return html`<p><strong>The live model cannot be read.</strong> ${error.message}</p>`;
    }
  };

  async function verdict(live: ModelRef): Promise<Html> {
    const model = await models.load(live);
    const { runs, ...totals } = await recentPredictions(ledger, model, { now: now(), predictions: driftWindow });
    const { n, drift } = judgeDrift(totals, model, { threshold, minimum });
    if (drift === null) return html`<p>No verdict: nothing was predicted today or yesterday (UTC).</p>`;
    const score = drift.jensenShannon.toFixed(3);
    return html`<p style="font-size: 1.4em"><strong>${drift.verdict}</strong></p>
<p>Score ${score}; the alarm is above ${threshold}, and chance alone reaches ${drift.noiseFloor.toFixed(3)} with n = ${n.toLocaleString('en-US')} predictions (of today's and yesterday's newest runs, UTC: ${runs.toLocaleString('en-US')}).</p>`;
  }
}

export function liveVersion({ name, version, promotedAt }: ModelRef & { promotedAt: string | null }): Html {
  const since = promotedAt !== null && html` since ${shownTime(promotedAt)} UTC`;
  return html`<p>Live: <strong>${name} ${version}</strong>${since}</p>`;
}
