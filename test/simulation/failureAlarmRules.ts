import type { Datum } from '../../core/metrics/metrics.ts';
import type { Item } from './expressions.ts';
import type { Written } from './table.ts';
import type { Violation } from './violation.ts';
import type { Worker } from './world.ts';

/** Which state each metric is about that an alarm on troubles follows. */
const STATE_OF: Partial<Record<Datum['metric'], string>> = { FailedRuns: 'FAILED', InvalidFiles: 'INVALID' };

/** What may come of a run's failure, and of none: an alarm, another try of its duplicates, another attempt by a batch. */
export function makeFailureAlarmRules(broken: (rule: Violation['rule'], what: string) => void) {
  /** Runs that have failed at some time, by their ids. */
  const failed = new Set<string>();
  /** States that runs came into, and whose attempts did. */
  const ends = new Map<string, Set<string>>();
  /** Executions that have, or had, a run of their own; others are sweeps. */
  const own = new Set<string>();
  /** When each batch was opened for the first time, since it was closed. */
  const opened = new Map<string, string>();

  function onWrite({ before, after }: Pick<Written, 'before' | 'after'>, worker: Worker | undefined): void {
    const who = worker?.label ?? 'the restart';
    const open = [after, before].find((item) => item?.['scene'] === 'sweep#batches');
    if (open !== undefined) noteBatch(String(open['model']), before, after);
    if (after?.['state'] === undefined) return;
    const [state, run] = [String(after['state']), String(after['run'])];
    const execution = String(after['execution']);
    if (state === 'FAILED') failed.add(run);
    if (after['batch'] === undefined) own.add(execution);
    ends.set(state, (ends.get(state) ?? new Set()).add(execution));
    checkDuplicate(before, after, who);
    checkBatch(before, after, who);
  }

  function noteBatch(id: string, before: Item | undefined, after: Item | undefined): void {
    if (after === undefined) opened.delete(id);
    else if (before === undefined) opened.set(id, String(after['openedAt']));
  }

  /** A duplicate is tried in the place of a run that has failed, and of no other. */
  function checkDuplicate(before: Item | undefined, after: Item, who: string): void {
    if (after['heir'] !== true || before?.['heir'] === true) return;
    const owner = String(before?.['duplicateOf']);
    if (!failed.has(owner))
      broken(3, `${who} let run ${after['run']} take the place of ${owner}, which has not failed`);
  }

  /** What has failed in a batch is not tried again in the same one. */
  function checkBatch(before: Item | undefined, after: Item, who: string): void {
    const isOnceMore = before?.['state'] === 'FAILED' && Number(after['attempt']) > Number(before['attempt']);
    if (!isOnceMore || after['batch'] === undefined || after['batch'] !== before['batch']) return;
    const since = opened.get(String(after['batch']));
    if (since !== undefined && String(before['changed']) >= since)
      broken(3, `${who} tried run ${after['run']} again in the batch ${after['batch']}, in which it had failed`);
  }

  /**
   * Whoever settles a run alarms for its sake. How many there are is not held against the number: an index may lag, a step
   * may be repeated, and whoever ends a batch tells of what others have found in it.
   */
  function onPublish(datums: readonly Datum[], worker: Worker | undefined): void {
    for (const { metric, value } of datums) {
      const state = STATE_OF[metric];
      if (state === undefined || value === 0) continue;
      const executions = ends.get(state) ?? new Set();
      const execution = String(worker?.execution);
      const isSo = own.has(execution) ? executions.has(execution) : executions.size > 0;
      if (!isSo) broken(7, `${worker?.label} published ${metric} ${value}, and no such run has come to ${state}`);
    }
  }

  return { onWrite, onPublish };
}
