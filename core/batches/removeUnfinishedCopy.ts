import { TransientTrouble } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { type RemoveLeftPredictionsPorts, removeLeftPredictions } from '../ledger/removeLeftPredictions.ts';
import type { Models } from '../models/models.ts';
import type { VersionedObjects } from '../objectStore.ts';
import { makeBatchFile } from './batchFile.ts';

export type RemoveUnfinishedCopyPorts = RemoveLeftPredictionsPorts &
  VersionedObjects & {
    ledger: Pick<Ledger, 'isOpen'>;
    loadModel: Models['load'];
  };

/**
 * Removes the predictions of an unfinished copy, which no longer counts: its own files or, if a batch classified it,
 * its rows in the batch's file.
 *
 * @throws {ClaimLost} when the run has ended differently since
 * @throws {TransientTrouble} while the batch is open: it would write what it has seen to be done
 */
export async function removeUnfinishedCopy(ports: RemoveUnfinishedCopyPorts, row: LedgerRow): Promise<void> {
  await removeLeftPredictions(ports, row);
  const { run, model, day, digest, batch, attempt, execution, changed } = row;
  if (batch === undefined || day === undefined || digest === undefined) return;
  await assertBatchClosed(ports, row);
  const writer = { batch: { id: batch, model, day }, attempt, execution, openedAt: changed };
  const file = makeBatchFile({ ...ports, assertHeld: async () => {} }, writer, () => ports.loadModel(model));
  await file.read();
  await file.remove({ run, digest });
}

/** Throws while a batch is open: it would write what it has seen to be done. */
export async function assertBatchClosed(
  { ledger }: { ledger: Pick<Ledger, 'isOpen'> },
  { batch, scene }: LedgerRow,
): Promise<void> {
  if (batch !== undefined && (await ledger.isOpen(batch)))
    throw new TransientTrouble(`The batch ${batch} is still processing ${scene.key}, an unfinished copy.`);
}
