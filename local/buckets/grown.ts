import { isUnassigned, runId, type SceneRef } from '../../core/base/messages.ts';
import { assertBatchClosed, type RemoveFromBatchPorts, removeCounted } from '../../core/batches/batchFile.ts';
import { executionNameOf } from '../../core/ledger/accept.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { leftMark, makeEnding } from '../../core/ledger/dueDays.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { makeStartWaitingDuplicates, type WaitingDuplicatesPorts } from '../../core/ledger/startAttempt.ts';
import type { Models } from '../../core/releases/contract.ts';
import { takersOf } from '../../core/releases/serving.ts';

export type GrownPorts = WaitingDuplicatesPorts &
  RemoveFromBatchPorts & {
    ledger: Pick<Ledger, 'withdraw' | 'markDue'>;
    models: Pick<Models, 'serving'>;
    leaseSeconds: number;
  };

/** Called before a file that has grown is known as its new version; a failure leaves it to the next look. */
export type OnGrown = (former: SceneRef, grown: SceneRef) => Promise<void>;

/** How many duplicates are tried in place of a withdrawn run at once; `swath sweep --full` tries the others. */
const FEW_DUPLICATES = 100;

/**
 * Makes one version of a file that has grown: the runs of the shorter one end as `DUPLICATE` of the longer one's, which is
 * classified only afterwards. See docs/decisions/0013.
 *
 *    time → the day is marked ── DUPLICATE: counts no more ── predictions removed ── the same bytes elsewhere are tried
 *                                  └ whoever was at work on it has lost it
 *
 * Each step may be repeated: what is interrupted is done again by the next look at the file.
 */
export function makeGrown(ports: GrownPorts): OnGrown {
  const { ledger, executions, models, now, leaseSeconds, attemptLimit } = ports;
  const { startWaitingDuplicates } = makeStartWaitingDuplicates(ports);

  return async (former, grown) => {
    const rows = (await ledger.ofScene(former)).filter(({ model }) => !isUnassigned(model));
    for (const { model } of takersOf(await models.serving(), former.key)) {
      if (rows.some((row) => row.model.name === model.name)) continue;
      // An execution or a batch that comes to it later must find its run ended.
      const execution = executions.arnOf(executionNameOf({ scene: former, model }));
      rows.push((await ledger.claim({ scene: former, model, execution, now: now(), leaseSeconds, attemptLimit })).row);
    }
    for (const row of rows) if (row.state !== 'INVALID') await withdraw(row, runId(grown, row.model));
  };

  async function withdraw(row: LedgerRow, by: string): Promise<void> {
    await assertBatchClosed(ports, row);
    const isEnded = row.state === 'DUPLICATE' && row.duplicateOf === by;
    if (!isEnded) await markDay(row);
    const ended = isEnded ? row : await ledger.withdraw(row, by, now());
    await removeCounted(ports, ended); // a worker that writes predictions now finds that it has lost the run
    await startWaitingDuplicates(ended, FEW_DUPLICATES);
  }

  /** Marks the day before the run stops counting, so that the day is judged again in any case. */
  async function markDay({ state, day, run, attempt, scene, model }: LedgerRow): Promise<void> {
    if ((state !== 'DONE' && state !== 'EMPTY') || day === undefined) return;
    await makeEnding(ports, { day, mark: leftMark(run, attempt), landing: { scene, model } })();
  }
}
