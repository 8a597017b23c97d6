import { ClaimLost } from '../errors.ts';
import { type RemovePredictionsPorts, removePredictions } from '../predictions/removePredictions.ts';
import { isUnassigned } from '../run.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerRow } from './ledgerRow.ts';

export type RemoveLeftPredictionsPorts = RemovePredictionsPorts & { ledger: Pick<Ledger, 'get'> };

/**
 * Removes the files of predictions that there are of a run that counts nothing: a worker may have written some late, and
 * died before it found its claim lost.
 *
 * @throws ClaimLost when the run has come to another attempt since, or to another end
 */
export async function removeLeftPredictions(ports: RemoveLeftPredictionsPorts, row: LedgerRow): Promise<void> {
  const { run: id, scene, model, day, state, attempt } = row;
  if (day === undefined || isUnassigned(model)) return; // it was never claimed by whoever reads it
  await removePredictions(ports, { id, model, day }, async () => {
    const current = await ports.ledger.get(scene, model);
    if (current?.state !== state || current.attempt !== attempt)
      throw new ClaimLost(`The run ${id} is no longer ${state} by attempt ${attempt}.`);
  });
}
