import { runId } from '../run.ts';
import type { ClaimRequest } from './claimRequest.ts';
import { leaseEnd } from './lease.ts';
import { keyOfRun, toChanged } from './ledgerItem.ts';
import { isWritten, type TableWith } from './table.ts';

/** The execution is about to be started. */
type Announced = Required<ClaimRequest>;

/** Rows of runs that nobody has begun. */
export const makeAnnounceRun = (table: TableWith<'put'>, TableName: string) => ({
  /**
   * Claims a run, of which there is no row, for an execution that is about to be started: where that dies before its first word,
   * the sweep knows of the run all the same. A row that is there stays as it is.
   */
  async announceRun({ scene, model, execution, now, leaseSeconds, attemptLimit, fixed }: Announced): Promise<void> {
    const run = runId(scene, model);
    const lease = leaseEnd(now, leaseSeconds);
    const claimed = { state: 'CLAIMED', changed: toChanged(now, run), claimedAt: now.toISOString(), execution, lease };
    const Item = { ...scene, ...keyOfRun(scene, model), run, ...claimed, attempt: 1, attemptLimit, ...fixed };
    await isWritten(table.put({ TableName, Item, ConditionExpression: 'attribute_not_exists(scene)' }));
  },
});
