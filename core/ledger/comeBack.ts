import { isUnassigned } from '../run.ts';
import type { Ledger } from './ledger.ts';
import { hasFailedForGood, hasMissedItsFile, type LedgerRow } from './ledgerRow.ts';
import { type Found, makeStart, none, noneIfTaken, plus, type StartPorts } from './startAttempt.ts';

export type ComeBackPorts = StartPorts & { ledger: Pick<Ledger, 'grantAttempt'> };

/** Restarts the runs that failed because their file was missing, once the file is listed again. */
export function makeComeBack(ports: ComeBackPorts) {
  const { start } = makeStart(ports);

  /**
   * Restarts those runs of a listed file whose attempts were used up while it was missing. The attempts are granted
   * first: if the start is lost, or the file disappears again, a later sweep continues from there under another
   * execution name.
   */
  return async function comeBack(rows: readonly LedgerRow[]): Promise<Found> {
    let total = none;
    for (const row of rows) {
      if (!hasMissedItsFile(row) || !hasFailedForGood(row) || isUnassigned(row.model)) continue;
      total = plus(total, await startAnew(row).catch(noneIfTaken));
    }
    return total;
  };

  async function startAnew(row: LedgerRow): Promise<Found> {
    await ports.ledger.grantAttempt(row, ports.now(), ports.attemptLimit);
    return start(row.scene, row.model, row.attempt + 1);
  }
}
