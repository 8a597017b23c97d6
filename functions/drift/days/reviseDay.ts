import { isDeepStrictEqual } from 'node:util';
import { isAhead } from '../../../core/base/time/clocks.ts';
import type { DayTotals } from '../../../core/drift/dayTotals.ts';
import { sumsOf } from '../../../core/drift/totals.ts';
import { judgeDrift } from '../../../core/drift/window.ts';
import type { DriftPorts } from '../ports.ts';

/**
 * Writes the next revision of a day, if its numbers differ from the latest one's. It may have fewer runs only if one is known to
 * have `left` the day since, because an index that lags would show fewer as well. A caller whose count is older than the latest
 * revision, because it was suspended, writes none: a run may have left since.
 *
 * @returns the revision written, if any
 */
export function makeReviseDay(ports: DriftPorts) {
  return async (day: string, cutOff: string, totals: DayTotals, hasLeft: boolean) => {
    const judgement = judgeDrift(sumsOf(totals), await ports.models.load(totals.model), ports);
    for (;;) {
      const latest = await ports.metrics.latestDay(totals.model, day);
      const isSame = latest?.runs === totals.runs && isDeepStrictEqual(latest.judgement, judgement);
      const isFewer = latest !== undefined && latest.runs > totals.runs;
      const before = latest?.cutOff ?? '';
      const isLater = before < cutOff;
      const isOld = cutOff < before && !isAhead(before, ports.now()); // a clock that was ahead proves nothing
      const isNothing = latest === undefined && totals.runs === 0;
      if (isSame || isNothing || isOld || (isFewer && !(hasLeft && isLater))) return undefined;
      const revision = (latest?.revision ?? 0) + 1;
      const row = { day, revision, runs: totals.runs, cutOff, judgement };
      if (await ports.metrics.putDay(totals.model, row)) return { revision, verdict: judgement.drift?.verdict ?? null };
    }
  };
}
