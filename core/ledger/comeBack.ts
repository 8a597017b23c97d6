import { isUnassigned } from '../run.ts';
import type { Ledger } from './ledger.ts';
import { hasFailedForGood, hasMissedItsFile, type LedgerRow } from './ledgerRow.ts';
import { type Found, makeStart, none, noneIfTaken, plus, type StartPorts } from './startAttempt.ts';

export type ComeBackPorts = StartPorts & { ledger: Pick<Ledger, 'grantAttempt'> };

/** A file that its runs have missed, and that is listed now, has come back: they begin anew. */
export function makeComeBack(ports: ComeBackPorts) {
  const { start } = makeStart(ports);

  /**
   * Starts those of a listed file's runs over whose attempts were used up while it was away. The attempts are granted
   * first: if the start is lost, or the file has gone again by then, a sweep goes on from there, under another name.
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
