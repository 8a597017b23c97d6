import type { RunRef } from '../../core/base/messages.ts';
import type { FormerVersion } from '../../core/base/objectStore.ts';
import { isUnassigned, modelId } from '../../core/base/run.ts';
import {
  assertBatchClosed,
  type RemoveUnfinishedCopyPorts,
  removeUnfinishedCopy,
} from '../../core/batches/batchFile.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { leftMark, makeEnding } from '../../core/ledger/dueDays.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { makeStartWaitingDuplicates, type WaitingDuplicatesPorts } from '../../core/ledger/startAttempt.ts';

export type SupersedePorts = WaitingDuplicatesPorts &
  RemoveUnfinishedCopyPorts & {
    ledger: Pick<Ledger, 'supersedeRow' | 'markDue' | 'addWaitingDuplicate' | 'nameOwners'>;
    leaseSeconds: number;
  };

/** The run that counts in place of the copy, and the content that it owns, if the whole file can be read. */
export type Successor = Pick<RunRef, 'id' | 'model' | 'execution'> & { digest?: string };

export type Prefix = Required<FormerVersion>;

export type Supersede = (prefix: Prefix, by: Successor) => Promise<void>;

/** How many duplicates are tried in place of a superseded run at once; `swath sweep --full` tries the others. */
const FEW_DUPLICATES = 100;

/**
 * Stops counting the runs of an unfinished copy, by every model version: they end as `DUPLICATE` of the run of the version that
 * their bytes are a prefix of. See docs/decisions/0013.
 *
 *   time → the day is marked ── DUPLICATE: counts no more ── predictions removed ── its own duplicates tried in its place
 *                                 └ whoever was at work on it has lost it
 *
 * Each step may be repeated: after an interruption, the next attempt of `by` does it again; if there is none, the sweep starts the
 * copy's own execution, which removes its remaining predictions.
 */
export function makeSupersede(ports: SupersedePorts): Supersede {
  const { ledger, now } = ports;
  const { startWaitingDuplicates } = makeStartWaitingDuplicates(ports);

  return async (prefix, by) => {
    const rows = (await ledger.ofScene(prefix.scene)).filter(({ model }) => !isUnassigned(model));
    if (!rows.some(({ model }) => modelId(model) === modelId(by.model))) rows.push(await claimUnseen(prefix, by));
    for (const row of rows) await supersedeRun(row, prefix, by);
  };

  /** A file whose event is delayed or lost must find its run ended. */
  async function claimUnseen({ scene }: Prefix, { model, execution }: Successor): Promise<LedgerRow> {
    const { leaseSeconds, attemptLimit } = ports;
    const { row } = await ledger.claim({ scene, model, execution, now: now(), leaseSeconds, attemptLimit });
    return row;
  }

  async function supersedeRun(row: LedgerRow, prefix: Prefix, by: Successor): Promise<void> {
    if (row.state === 'INVALID') return; // it counts nothing, and is never retried
    const isEnded = row.state === 'DUPLICATE' && row.prefix === true;
    const ended = isEnded ? row : await endAsPrefix(row, prefix, by);
    if (by.digest !== undefined) await ledger.nameOwners([{ ...ended, digest: by.digest }]);
    await removeUnfinishedCopy(ports, ended); // a worker that writes predictions now finds that it has lost the run
    await startWaitingDuplicates(ended, FEW_DUPLICATES);
  }

  async function endAsPrefix(row: LedgerRow, prefix: Prefix, by: Successor): Promise<LedgerRow> {
    await assertBatchClosed(ports, row);
    await markDay(row);
    if (by.digest !== undefined) await ledger.addWaitingDuplicate(by.id, { id: row.run, scene: row.scene });
    return ledger.supersedeRow(row, by, prefix, now());
  }

  /** Marks the day before the run stops counting, so that the day is judged again in any case. */
  async function markDay({ state, day, run, attempt, scene, model }: LedgerRow): Promise<void> {
    if ((state !== 'DONE' && state !== 'EMPTY') || day === undefined) return;
    await makeEnding(ports, { day, mark: leftMark(run, attempt), landing: { scene, model } }).time();
  }
}
