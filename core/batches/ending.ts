import type { Ledger } from '../ledger/ledger.ts';
import { isNearlyClosed } from '../ledger/nearlyClosed.ts';
import type { OpenBatch } from '../ledger/openBatches.ts';

/**
 * When a file of a batch comes to its end, which is what the cut-offs of a day's numbers compare. Where the day is closed,
 * or about to be, it is marked as due before, once for the whole batch; the time is taken after that.
 */
export function makeEnding(
  { ledger, now }: { ledger: Pick<Ledger, 'markDue'>; now: () => Date },
  { batch, attempt }: OpenBatch,
) {
  let marked: Promise<void> | undefined;

  /** The time of an end that is about to be written. */
  async function time(): Promise<Date> {
    const at = now();
    if (!isNearlyClosed(batch.day, at)) return at;
    const mark = { day: batch.day, mark: `${batch.id}-${attempt}`, at: at.toISOString(), batch };
    marked ??= ledger.markDue(mark);
    await marked;
    return now();
  }

  /** To be called before the batch closes: an end that was long on its way may have come into a day that is counted by now. */
  async function beforeClosing(): Promise<void> {
    await time();
  }

  return { time, beforeClosing };
}
