import type { Ledger } from './ledger.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { type Found, makeStart, none, noneIfTaken, plus, type StartPorts } from './startAttempt.ts';

export type WaitingDuplicatesPorts = StartPorts & {
  ledger: Pick<Ledger, 'get' | 'waitingDuplicatesOf' | 'letTakeOver'>;
};

/** Runs the duplicates of a failed run: the same bytes under another key may succeed. */
export function makeStartWaitingDuplicates(ports: WaitingDuplicatesPorts) {
  const { ledger } = ports;
  const { start } = makeStart(ports);

  /**
   * Starts the first `most` duplicates of a failed run. The first to claim the content owns it, and the others become
   * its duplicates. If it fails too, they are started in turn.
   */
  async function startWaitingDuplicates(owner: LedgerRow, most: number): Promise<Found> {
    let total = none;
    for await (const scene of ledger.waitingDuplicatesOf(owner.run)) {
      const row = await ledger.get(scene, owner.model);
      if (row === undefined || row.duplicateOf !== owner.run) continue;
      if (row.prefix === true) continue; // never counted, whatever becomes of the whole file
      total = plus(total, await startDuplicate(row).catch(noneIfTaken));
      if (total.started >= most) break;
    }
    return total;
  }

  async function startDuplicate(duplicate: LedgerRow): Promise<Found> {
    const { state, scene, model, attempt } = await ledger.letTakeOver(duplicate);
    return state === 'DUPLICATE' ? start(scene, model, attempt + 1) : none; // a worker that has not ended it goes on
  }

  return { startWaitingDuplicates, startDuplicate };
}
