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
 * Removes the predictions of an unfinished copy, which counts nothing any more: its own files, and where a batch had
 * classified it, its rows of the batch's file.
 *
 * @throws ClaimLost when the run has come to another end since
 * @throws TransientTrouble while the batch is at work: it brings its file to hold what it has seen to be done
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

/** A batch that is open brings its file to hold what it has seen to be done. */
export async function assertBatchClosed(
  { ledger }: { ledger: Pick<Ledger, 'isOpen'> },
  { batch, scene }: LedgerRow,
): Promise<void> {
  if (batch !== undefined && (await ledger.isOpen(batch)))
    throw new TransientTrouble(`The batch ${batch} is still at work on ${scene.key}, an unfinished copy.`);
}
