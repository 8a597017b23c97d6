import { runId } from '../run.ts';
import type { ClaimRequest } from './claimRequest.ts';
import { expiry } from './expiry.ts';
import { leaseEnd } from './lease.ts';
import { keyOfRun, toChanged } from './ledgerItem.ts';
import { isWritten, type TableWith } from './table.ts';

/** A claim for an execution that is about to be started. */
type Announced = Required<ClaimRequest>;

/** Writes the rows of runs that no execution has begun yet. */
export const makeAnnounceRun = (table: TableWith<'put'>, TableName: string, requestDays = Infinity) => ({
  /**
   * Claims a run that has no row yet, for an execution that is about to be started. If that execution dies before it
   * writes anything, the sweep still finds the run. An existing row is left unchanged.
   */
  async announceRun({ scene, model, execution, now, leaseSeconds, attemptLimit, fixed }: Announced): Promise<void> {
    const run = runId(scene, model);
    const lease = leaseEnd(now, leaseSeconds);
    const claimed = { state: 'CLAIMED', changed: toChanged(now, run), claimedAt: now.toISOString(), execution, lease };
    const expires = expiry(requestDays, scene, fixed.day);
    const Item = {
      ...scene,
      ...keyOfRun(scene, model),
      run,
      ...claimed,
      attempt: 1,
      attemptLimit,
      ...fixed,
      ...expires,
    };
    await isWritten(table.put({ TableName, Item, ConditionExpression: 'attribute_not_exists(scene)' }));
  },
});
