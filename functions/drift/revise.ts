import { isDeepStrictEqual } from 'node:util';
import { type DayTotals, sumsOf } from '../../core/drift/dayTotals.ts';
import type { DayRow } from '../../core/drift/metricsTable.ts';
import { judge } from '../../core/drift/window.ts';
import type { DriftPorts } from './ports.ts';

type Known = { seen?: DayRow; hasLeft?: boolean };

/**
 * Writes the next revision of a day, if its numbers are others than the latest one's. It has fewer runs than that one only
 * where one is known to have `left` the day since: an index that is behind would show fewer as well.
 *
 * @param seen what the latest one was a moment ago, for whoever has looked already; the write itself says if it is not any more
 */
export function makeRevise(ports: DriftPorts) {
  return async (day: string, cutOff: string, totals: DayTotals, { seen, hasLeft = false }: Known = {}) => {
    const model = await ports.models.load(totals.model);
    const judgement = judge(sumsOf(totals), model, ports);
    for (let known = seen; ; known = undefined) {
      const latest = known ?? (await ports.metrics.latestDay(totals.model, day));
      const isSame = latest?.runs === totals.runs && isDeepStrictEqual(latest.judgement, judgement);
      const isFewer = latest !== undefined && latest.runs > totals.runs;
      const isLater = latest?.cutOff === undefined || latest.cutOff < cutOff;
      const isNothing = latest === undefined && totals.runs === 0;
      if (isSame || isNothing || (isFewer && !(hasLeft && isLater))) return undefined;
      const revision = (latest?.revision ?? 0) + 1;
      const row = { day, revision, runs: totals.runs, cutOff, judgement };
      if (await ports.metrics.putDay(totals.model, row)) return { revision, verdict: judgement.drift?.verdict ?? null };
    }
  };
}
