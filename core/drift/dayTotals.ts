import { type ModelRef, modelId } from '../base/messages.ts';
import type { EndedRun } from '../ledger/ledgerItem.ts';
import { type TotalsOfRuns, totalsOfRun, withTotals } from './totals.ts';

/** A day's sums for one model version, with the number of runs. */
export type DayTotals = TotalsOfRuns & { model: ModelRef };

/**
 * Returns the day's sums by model version id. A run counts once, however often it occurs. Runs are added in the order in
 * which they ended, with those that have `landed` in their places: floating-point sums depend on the order, and the same
 * runs must give the same sums. Runs whose ids are in `left` are not counted, even if an index has them.
 */
export async function totalsOf(
  runs: AsyncIterable<EndedRun>,
  landed: readonly EndedRun[] = [],
  left: ReadonlySet<string> = new Set(),
): Promise<Map<string, DayTotals>> {
  const totals = new Map<string, DayTotals>();
  const seen = new Set<string>();
  const addOnce = (run: EndedRun) => {
    if (seen.has(run.run) || left.has(run.run)) return;
    seen.add(run.run);
    const id = modelId(run.model);
    totals.set(id, { model: run.model, ...withTotals(totals.get(id), totalsOfRun(run)) });
  };
  const waiting = landed.toSorted(inOrderOfEnds);
  for await (const run of runs) {
    while (waiting[0] !== undefined && inOrderOfEnds(waiting[0], run) < 0) addOnce(waiting.shift()!);
    addOnce(run);
  }
  waiting.forEach(addOnce);
  return totals;
}

/** As in the index by day. */
export function inOrderOfEnds(a: Pick<EndedRun, 'changed' | 'run'>, b: Pick<EndedRun, 'changed' | 'run'>): number {
  const [first, second] = [`${a.changed}#${a.run}`, `${b.changed}#${b.run}`];
  return first < second ? -1 : first > second ? 1 : 0;
}
