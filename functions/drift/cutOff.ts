import { inOrder } from '../../core/inOrder.ts';
import type { Mark } from '../../core/ledger/dueDays.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { endedRunSchema } from '../../core/ledger/ledgerItem.ts';
import { allOfState } from '../../core/ledger/ledgerQueries.ts';
import { isRunning, type LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { type BatchPorts, makeLandedBatches } from './landedBatches.ts';

/** The table's indexes follow it, most often at once: what is older than this, they are sure to show. */
const INDEX_MILLISECONDS = 60_000;

/**
 * A run comes to its end in the same call of its step that marks its day, and Lambda gives no call more than 15 minutes:
 * what was marked before that, and the time that an index may need, has ended, and the index shows it.
 */
const FRESH_MILLISECONDS = 15 * 60_000 + INDEX_MILLISECONDS;

/** From when on a day's marks are `fresh`. */
export function freshFrom(asOf: Date): Date {
  return new Date(asOf.getTime() - FRESH_MILLISECONDS);
}

const AT_ONCE = 20;

/**
 * The time up to which a day's runs can be counted so that no run joins them later: that at which its marks were looked
 * for, or the moment before the first of those of the day that are about to come to their end. Whichever has not marked
 * its day yet comes to its end after that. Those that have `landed` or `left` so lately that the index may not show it, as
 * their marks are `fresh`, are asked for by their keys.
 */
export function makeCutOff({ ledger, readPiece }: BatchPorts & { ledger: Pick<Ledger, 'get' | 'byState'> }) {
  const landedBatches = makeLandedBatches({ ledger, readPiece });

  return async (day: string, asOf: Date, fresh: readonly Mark[]) => {
    const landed: LedgerRow[] = [];
    const left = new Set<string>();
    let cutOff = asOf.getTime();
    let isLanding = false;
    const waitFor = (time: string) => {
      isLanding = true;
      cutOff = Math.min(cutOff, Date.parse(time) - 1);
    };

    const look = async ({ at, landing }: Mark) => ({
      at,
      row: landing && (await ledger.get(landing.scene, landing.model)),
    });
    for await (const { at, row } of inOrder(fresh, AT_ONCE, look)) {
      if (row === undefined) continue;
      if (isRunning(row.state)) waitFor(at);
      else if (row.state === 'DONE' || row.state === 'EMPTY') landed.push(row);
      else left.add(row.run);
    }

    const batches = await landedBatches(day, fresh);
    batches.opened.forEach(waitFor);
    landed.push(...batches.landed);

    for await (const row of allOfState(ledger, 'PREDICTED')) if (row.day === day) waitFor(row.changed);

    const isBy = ({ changed }: LedgerRow) => Date.parse(changed) <= cutOff;
    const counted = landed.filter(isBy).map((row) => endedRunSchema.parse(row));
    return { cutOff: new Date(cutOff).toISOString(), isLanding, landed: counted, left };
  };
}
