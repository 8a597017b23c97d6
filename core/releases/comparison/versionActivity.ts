import { type ModelRef, modelId } from '../../base/messages.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { Summed } from '../../package/task.ts';
import { summaryIn, taskOfSum } from '../../tasks/registry.ts';

export type ActivityOf = ReturnType<typeof versionActivity>;

/** So many of the newest runs that are done are added up. */
export const ACTIVITY_RUNS = 10_000;

/** Makes the function that returns the activity of a version, over runs that are done. */
export function versionActivity(rows: readonly LedgerRow[]) {
  const done = rows.filter(({ state }) => state === 'DONE');
  const byVersion = Map.groupBy(done, ({ model }) => modelId(model));
  return (model: ModelRef) => {
    const runs = byVersion.get(modelId(model)) ?? [];
    const times = runs.map(({ changed }) => changed).sort();
    const [first = null, ...others] = runs.map(summaryIn).filter((sum) => sum !== undefined);
    return {
      runs: runs.length,
      predictions: runs.reduce((all, { chips = 0, blank = 0 }) => all + chips - blank, 0),
      /** When the newest of the runs last changed (ISO); null without runs. */
      lastRun: times.at(-1) ?? null,
      /** The sum of its predictions, with known truths; null if no run has a summary. */
      sum: first && others.reduce((all, sum): Summed => taskOfSum(sum).summary.add(all, sum), first),
    };
  };
}
