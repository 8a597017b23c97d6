import { makeBatchFile } from '../../core/batches/batchFile.ts';
import { TransientTrouble } from '../../core/errors.ts';
import type { FormerVersion } from '../../core/formerVersions.ts';
import { leftMark } from '../../core/ledger/dueDays.ts';
import { makeEnding } from '../../core/ledger/ending.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { makeStartWaitingDuplicates, type WaitingDuplicatesPorts } from '../../core/ledger/startWaitingDuplicates.ts';
import type { RunRef } from '../../core/messages.ts';
import type { Models } from '../../core/models/models.ts';
import type { ReadVersion, ReplaceVersion } from '../../core/objectStore.ts';
import { type RemovePredictionsPorts, removePredictions } from '../../core/predictions/removePredictions.ts';
import { isUnassigned, modelId } from '../../core/run.ts';

export type SupersedePorts = WaitingDuplicatesPorts &
  RemovePredictionsPorts & {
    ledger: WaitingDuplicatesPorts['ledger'] &
      Pick<Ledger, 'supersedeRow' | 'markDue' | 'isOpen' | 'addWaitingDuplicate'>;
    models: Pick<Models, 'load'>;
    readVersion: ReadVersion;
    replaceVersion: ReplaceVersion;
    leaseSeconds: number;
  };

/** The run of the whole file. */
export type Successor = Pick<RunRef, 'id' | 'model' | 'execution'>;

/** A version whose bytes are the beginning of a later version's. */
export type Prefix = Required<FormerVersion>;

export type Supersede = (prefix: Prefix, by: Successor) => Promise<void>;

/** Duplicates that are tried at once in the place of a superseded run; `swath sweep --full` tries the others. */
const FEW_DUPLICATES = 100;

/**
 * Takes the runs of an unfinished copy out of everything that counts, by whichever model version they are: they end as
 * `DUPLICATE` of the run of the version that their bytes are the beginning of. See docs/decisions/0013.
 *
 *   time → the day is marked ── DUPLICATE: counts no more ── predictions removed ── its own duplicates tried in its place
 *                                 └ whoever was at work on it has lost it
 *
 * Each step may be repeated: where it is interrupted, the next attempt of `by` does it again. If there is none, whoever sees
 * that `by` has failed for good finds the copy among those that wait for it, and removes its predictions.
 */
export function makeSupersede(ports: SupersedePorts): Supersede {
  const { ledger, now } = ports;
  const { startWaitingDuplicates } = makeStartWaitingDuplicates(ports);

  return async (prefix, by) => {
    const rows = (await ledger.ofScene(prefix.scene)).filter(({ model }) => !isUnassigned(model));
    if (!rows.some(({ model }) => modelId(model) === modelId(by.model))) rows.push(await claimUnseen(prefix, by));
    for (const row of rows) await supersedeRun(row, prefix, by);
  };

  /** A file whose event is still on its way, or was lost, must find its run at its end. */
  async function claimUnseen({ scene }: Prefix, { model, execution }: Successor): Promise<LedgerRow> {
    const { leaseSeconds, attemptLimit } = ports;
    const { row } = await ledger.claim({ scene, model, execution, now: now(), leaseSeconds, attemptLimit });
    return row;
  }

  async function supersedeRun(row: LedgerRow, prefix: Prefix, by: Successor): Promise<void> {
    if (row.state === 'INVALID') return; // it counts nothing already, and is never tried again
    const isEnded = row.state === 'DUPLICATE' && row.prefix === true;
    const ended = isEnded ? row : await endAsPrefix(row, prefix, by);
    await removeItsPredictions(ended, prefix);
    await startWaitingDuplicates(ended, FEW_DUPLICATES);
  }

  async function endAsPrefix(row: LedgerRow, prefix: Prefix, by: Successor): Promise<LedgerRow> {
    await assertClosed(row);
    await markDay(row);
    if (row.day !== undefined) await ledger.addWaitingDuplicate(by.id, { id: row.run, scene: row.scene });
    return ledger.supersedeRow(row, by, prefix, now());
  }

  /** A batch that is open brings its file to hold what it has seen to be done. */
  async function assertClosed({ batch, scene }: LedgerRow): Promise<void> {
    if (batch !== undefined && (await ledger.isOpen(batch)))
      throw new TransientTrouble(`The batch ${batch} is still at work on ${scene.key}, an unfinished copy.`);
  }

  /** Whoever may still write some finds the run in another attempt's hands, and removes them again. */
  async function removeItsPredictions(row: LedgerRow, { digest }: Prefix): Promise<void> {
    if (row.day === undefined) return; // it was never claimed by whoever reads it
    const { run: id, model, day, batch, attempt, execution } = row;
    await removePredictions(ports, { id, model, day }, async () => {});
    if (batch === undefined) return;
    await assertClosed(row); // whoever has opened it anew before the run was superseded has seen it as it was
    const writer = { batch: { id: batch, model, day }, attempt, execution };
    const file = makeBatchFile({ ...ports, assertHeld: async () => {} }, writer, () => ports.models.load(model));
    await file.read();
    await file.remove({ run: id, digest });
  }

  /** Written before the run stops counting, so that none does without the day's next judgement. */
  async function markDay({ state, day, run, attempt, scene, model }: LedgerRow): Promise<void> {
    if ((state !== 'DONE' && state !== 'EMPTY') || day === undefined) return;
    await makeEnding(ports, { day, mark: leftMark(run, attempt), landing: { scene, model } }).time();
  }
}
