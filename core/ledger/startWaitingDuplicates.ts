import type { RemovePredictionsPorts } from '../predictions/removePredictions.ts';
import { removeLeftPredictions } from './failRun.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { type Found, makeStart, none, noneIfTaken, type StartPorts } from './startAttempt.ts';

export type WaitingDuplicatesPorts = StartPorts &
  RemovePredictionsPorts & {
    ledger: Pick<Ledger, 'get' | 'waitingDuplicatesOf' | 'letTakeOver'>;
  };

/** The same bytes under other keys must not share the fate of the run that was first. */
export function makeStartWaitingDuplicates(ports: WaitingDuplicatesPorts) {
  const { ledger } = ports;
  const { start } = makeStart(ports);

  /**
   * Lets duplicates of a run that has failed be tried, the first `most` of them: whichever comes first owns the bytes, and
   * the others are its duplicates. If they fail as well, each of them passes on to those that it has made duplicates of.
   * An unfinished copy of it counts nothing whatever becomes of it: what its own death has left of that one's predictions goes.
   */
  async function startWaitingDuplicates(owner: LedgerRow, most: number): Promise<Found> {
    const total = { ...none };
    for await (const scene of ledger.waitingDuplicatesOf(owner.run)) {
      const row = await ledger.get(scene, owner.model);
      if (row?.state !== 'DUPLICATE' || row.duplicateOf !== owner.run) continue;
      if (row.prefix === true) {
        await removeLeftPredictions(ports, row).catch(noneIfTaken);
        continue;
      }
      const { started, settled } = await startDuplicate(row).catch(noneIfTaken);
      total.started += started;
      total.settled += settled;
      if (total.started >= most) break;
    }
    return total;
  }

  async function startDuplicate(heir: LedgerRow): Promise<Found> {
    await ledger.letTakeOver(heir);
    return start(heir.scene, heir.model, heir.attempt + 1);
  }

  return { startWaitingDuplicates, startDuplicate };
}
