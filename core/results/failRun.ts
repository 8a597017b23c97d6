import { ClaimLost } from '../base/errors.ts';
import { isUnassigned } from '../base/messages.ts';
import type { Failure, Ledger } from '../ledger/contract.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { type RemovePredictionsPorts, removePredictions } from './removePredictions.ts';

export type FailRunPorts = RemovePredictionsPorts & { ledger: Pick<Ledger, 'beginToFail' | 'fail'> };

/**
 * Ends a run as `FAILED` or `INVALID` and removes its predictions: a duplicate that replaces it has the same chips.
 *
 *    time → ending ── remove ── FAILED
 *             └ from here on no worker can end the run differently, and late predictions are removed by their writer
 *
 * @throws {ClaimLost} when the row's attempt no longer holds the run
 */
export async function failRun(
  ports: FailRunPorts,
  row: LedgerRow,
  state: 'FAILED' | 'INVALID',
  failure: Failure,
  now: Date,
): Promise<LedgerRow> {
  const { run: id, model, day } = row;
  // No predictions exist before a first attempt has prepared its parts.
  if (day !== undefined && !isUnassigned(model) && (row.attempt > 1 || row.state !== 'CLAIMED')) {
    const ending = await ports.ledger.beginToFail(row);
    await removePredictions(ports, { id, model, day }, () => ports.ledger.beginToFail(ending));
  }
  return ports.ledger.fail(row, state, failure, now);
}

export type RemoveLeftPredictionsPorts = RemovePredictionsPorts & { ledger: Pick<Ledger, 'get'> };

/** Removes predictions that a worker wrote late, before it died. Throws `ClaimLost` if the run has changed since. */
export async function removeLeftPredictions(ports: RemoveLeftPredictionsPorts, row: LedgerRow): Promise<void> {
  const { run: id, scene, model, day, state, attempt } = row;
  if (day === undefined || isUnassigned(model)) return; // it was never claimed after its file was opened
  await removePredictions(ports, { id, model, day }, async () => {
    const current = await ports.ledger.get(scene, model);
    if (current?.state !== state || current.attempt !== attempt)
      throw new ClaimLost(`The run ${id} is no longer ${state} by attempt ${attempt}.`);
  });
}
