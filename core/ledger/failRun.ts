import { type RemovePredictionsPorts, removePredictions } from '../predictions/removePredictions.ts';
import { isUnassigned } from '../run.ts';
import type { Failure, Ledger } from './ledger.ts';
import type { LedgerRow } from './ledgerRow.ts';

export type FailRunPorts = RemovePredictionsPorts & { ledger: Pick<Ledger, 'beginToFail' | 'fail'> };

/**
 * Ends a run as `FAILED` or `INVALID`, and leaves none of its predictions to be read: a duplicate may be tried in its
 * place, and has the same chips.
 *
 *   time → ending ── remove ── FAILED
 *            └ from here on no worker brings the run to another end, and whoever writes predictions removes them again
 *
 * @throws ClaimLost when the row's attempt no longer holds the run
 */
export async function failRun(
  ports: FailRunPorts,
  row: LedgerRow,
  state: 'FAILED' | 'INVALID',
  failure: Failure,
  now: Date,
): Promise<LedgerRow> {
  if (mayHavePredictions(row)) {
    const ending = await ports.ledger.beginToFail(row);
    await removePredictions(ports, runOf(row), () => ports.ledger.beginToFail(ending));
  }
  return ports.ledger.fail(row, state, failure, now);
}

/** Nothing is classified before a first attempt has prepared its parts. */
function mayHavePredictions({ attempt, state, day, model }: LedgerRow): boolean {
  return day !== undefined && !isUnassigned(model) && (attempt > 1 || state !== 'CLAIMED');
}

function runOf({ run, model, day = '' }: LedgerRow) {
  return { id: run, model, day };
}
