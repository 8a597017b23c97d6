import { modelId } from '../../base/run.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { Summed } from '../../package/task.ts';
import { taskOfSum } from '../../tasks/registry.ts';
import { summaryIn } from '../../tasks/stored.ts';

export type VersionActivity = {
  runs: number;
  /** Chips that were not blank. */
  chips: number;
  /** When the newest of the runs last changed (ISO). */
  newest: string;
  /** The sum of its predictions, with known truths; null if no run has a summary. */
  sum: Summed | null;
};

/** Returns the activity of each version by its id (`name/version`), over runs that are done. */
export function versionActivity(rows: Iterable<LedgerRow>): Map<string, VersionActivity> {
  const found = new Map<string, VersionActivity>();
  for (const row of rows) {
    if (row.state !== 'DONE') continue;
    const id = modelId(row.model);
    const before = found.get(id) ?? { runs: 0, chips: 0, newest: '', sum: null };
    const sum = summaryIn(row);
    found.set(id, {
      runs: before.runs + 1,
      chips: before.chips + (row.chips ?? 0) - (row.blank ?? 0),
      newest: before.newest > row.changed ? before.newest : row.changed,
      sum: sum && before.sum ? taskOfSum(sum).summary.add(before.sum, sum) : (sum ?? before.sum),
    });
  }
  return found;
}
