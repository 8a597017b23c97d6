import { ClaimLost } from '../errors.ts';
import { type RemovePredictionsPorts, removePredictions } from '../predictions/removePredictions.ts';
import { isUnassigned } from '../run.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerRow } from './ledgerRow.ts';

export type RemoveLeftPredictionsPorts = RemovePredictionsPorts & { ledger: Pick<Ledger, 'get'> };

/**
 * Removes any prediction files of a run that is not counted: a worker may have written some late, and died before it
 * noticed that its claim was lost.
 *
 * @throws {ClaimLost} when the run has a new attempt or has ended differently since
 */
export async function removeLeftPredictions(ports: RemoveLeftPredictionsPorts, row: LedgerRow): Promise<void> {
  const { run: id, scene, model, day, state, attempt } = row;
  if (day === undefined || isUnassigned(model)) return; // it was never claimed after its file was opened
  await removePredictions(ports, { id, model, day }, async () => {
    const current = await ports.ledger.get(scene, model);
    if (current?.state !== state || current.attempt !== attempt)
      throw new ClaimLost(`The run ${id} is no longer ${state} by attempt ${attempt}.`);
  });
}
