import type { Ledger } from './ledger.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { type Found, makeStart, none, noneIfTaken, plus, type StartPorts } from './startAttempt.ts';

export type WaitingDuplicatesPorts = StartPorts & {
  ledger: Pick<Ledger, 'get' | 'waitingDuplicatesOf' | 'letTakeOver'>;
};

/** The same bytes under other keys must not share the fate of the run that was first. */
export function makeStartWaitingDuplicates(ports: WaitingDuplicatesPorts) {
  const { ledger } = ports;
  const { start } = makeStart(ports);

  /**
   * Lets duplicates of a run that has failed be tried, the first `most` of them: whichever comes first owns the bytes, and
   * the others are its duplicates. If they fail as well, each of them passes on to those that it has made duplicates of.
   */
  async function startWaitingDuplicates(owner: LedgerRow, most: number): Promise<Found> {
    let total = none;
    for await (const scene of ledger.waitingDuplicatesOf(owner.run)) {
      const row = await ledger.get(scene, owner.model);
      if (row?.state !== 'DUPLICATE' || row.duplicateOf !== owner.run) continue;
      if (row.prefix === true) continue; // it counts nothing, whatever becomes of the whole file
      total = plus(total, await startDuplicate(row).catch(noneIfTaken));
      if (total.started >= most) break;
    }
    return total;
  }

  async function startDuplicate(duplicate: LedgerRow): Promise<Found> {
    await ledger.letTakeOver(duplicate);
    return start(duplicate.scene, duplicate.model, duplicate.attempt + 1);
  }

  return { startWaitingDuplicates, startDuplicate };
}
